# SPDX-License-Identifier: BSD-2-Clause
#
# Debian packages, by cpack -G DEB: scripts/release/package.sh.  One for each install
# component.  Debian's version stands in packaging/changelog.  What Debian wants
# in every package is put into them by packaging/finish.cmake.
#
# Who publishes them names the maintainer and the home page, by three variables
# of the environment: DEBFULLNAME and DEBEMAIL, which are Debian's own, and
# PHYSSEG_HOMEPAGE.  Without the first two the maintainer is a placeholder.

file(STRINGS packaging/changelog changelog)
list(GET changelog 0 first)
string(REGEX REPLACE ".*\\((.*)-(.*)\\).*" "\\1;\\2" deb "${first}")
list(GET deb 0 deb_upstream)
if(NOT deb_upstream VERSION_EQUAL PROJECT_VERSION)
	message(FATAL_ERROR "packaging/changelog is of version "
		"${deb_upstream}, and this is ${PROJECT_VERSION}")
endif()
list(GET deb 1 CPACK_DEBIAN_PACKAGE_RELEASE)

set(maintainer "Maintainer not set <unset@maintainer.invalid>")
if(NOT "$ENV{DEBFULLNAME}" STREQUAL "" AND NOT "$ENV{DEBEMAIL}" STREQUAL "")
	set(maintainer "$ENV{DEBFULLNAME} <$ENV{DEBEMAIL}>")
endif()
configure_file(packaging/changelog changelog.Debian @ONLY)
set(CPACK_PHYSSEG_CHANGELOG "${PROJECT_BINARY_DIR}/changelog.Debian")
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "${maintainer}")
set(CPACK_DEBIAN_PACKAGE_HOMEPAGE "$ENV{PHYSSEG_HOMEPAGE}")

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME libphysseg)
set(CPACK_PACKAGE_VENDOR "")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
	OWNER_READ OWNER_WRITE OWNER_EXECUTE
	GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS "${PROJECT_SOURCE_DIR}/packaging/finish.cmake")
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_GENERATE_SHLIBS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_COMPONENTS_ALL library development)
if(PHYSSEG_URCU)
	list(APPEND CPACK_COMPONENTS_ALL urcu urcu-development)
endif()
if(PHYSSEG_EXAMPLES)
	list(APPEND CPACK_COMPONENTS_ALL tools)
endif()

# package(COMPONENT NAME SECTION SUMMARY WHAT...)
function(package component name section summary)
	string(TOUPPER ${component} c)
	list(JOIN ARGN "\n" what)
	set(CPACK_DEBIAN_${c}_PACKAGE_NAME ${name} PARENT_SCOPE)
	set(CPACK_DEBIAN_${c}_PACKAGE_SECTION ${section} PARENT_SCOPE)
	set(CPACK_DEBIAN_${c}_DESCRIPTION "${summary}
libphysseg keeps track of a machine's physical memory: which ranges of page
frames there are, which page structure belongs to which frame, and what
changes when memory is plugged and unplugged.

${what}" PARENT_SCOPE)
endfunction()

set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # a package has its own
package(library libphysseg${PHYSSEG_ABI} libs
	"maps of physical memory (shared libraries)"
	"This package has the shared libraries: the library itself, and one for"
	"each backend of the interface that is NetBSD's uvm_physseg.")
package(development libphysseg-dev libdevel
	"maps of physical memory (development files)"
	"This package has the headers and static libraries, what pkg-config and"
	"CMake need to find them, documents and examples, and what shows maps in"
	"gdb.")
package(urcu libphysseg-urcu${PHYSSEG_ABI} libs
	"maps of physical memory (readers without a lock)"
	"This package has the shared library of a host whose readers take no lock."
	"Their grace periods are those of liburcu.")
package(urcu-development libphysseg-urcu-dev libdevel
	"maps of physical memory (readers without a lock, development)"
	"This package has the header and the static library of a host whose"
	"readers take no lock, on liburcu.")
package(tools physseg-tools utils
	"show a machine's physical memory and look addresses up in it"
	"This package has iomem, which reads the memory map that Linux prints and"
	"tells what is at an address, and physseg-replay, which makes the recorded"
	"calls of a program that uses libphysseg again.")

set(same "(= ${deb_upstream}-${CPACK_DEBIAN_PACKAGE_RELEASE})")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA
	"${PROJECT_SOURCE_DIR}/packaging/triggers")
set(CPACK_DEBIAN_URCU_PACKAGE_CONTROL_EXTRA
	"${PROJECT_SOURCE_DIR}/packaging/triggers")
# Where the library of one package finds that of another.
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${PROJECT_BINARY_DIR}")
set(CPACK_DEBIAN_URCU_PACKAGE_DEPENDS "libphysseg${PHYSSEG_ABI} ${same}")
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
	"libphysseg${PHYSSEG_ABI} ${same}")
set(CPACK_DEBIAN_URCU-DEVELOPMENT_PACKAGE_DEPENDS
	"libphysseg-dev ${same}, libphysseg-urcu${PHYSSEG_ABI} ${same}, \
liburcu-dev")

include(CPack)

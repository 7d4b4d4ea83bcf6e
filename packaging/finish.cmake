# SPDX-License-Identifier: BSD-2-Clause
#
# Run by CPack between installing and packing, with its variables: what Debian
# wants in every package and nobody else does.

set(source "${CMAKE_CURRENT_LIST_DIR}/..")

# LICENSE is a title, the holder, and after "All rights reserved." the terms;
# in a copyright file a blank line is a dot.
file(READ "${source}/LICENSE" license)
string(REGEX REPLACE ".*\nCopyright \\(c\\) ([^\n]*)\n[^\n]*\n(.*)" "\\1"
	holder "${license}")
string(REGEX REPLACE ".*\n[^\n]* reserved\\.\n\n(.*)\n" "\\1"
	terms "${license}")
string(REGEX REPLACE "\n\n" "\n.\n" terms "\n${terms}\n")
string(REPLACE "\n" "\n " terms "${terms}")
string(REGEX REPLACE "\n $" "\n" terms "${terms}")
set(copyright "Format: \
https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: libphysseg

Files: *
Copyright: ${holder}
License: BSD-2-Clause${terms}")

# Without a name and a time: the same file gives the same.
function(compress from to)
	execute_process(COMMAND gzip -9nc INPUT_FILE "${from}"
		OUTPUT_FILE "${to}" COMMAND_ERROR_IS_FATAL ANY)
endfunction()

foreach(component ${CPACK_COMPONENTS_ALL})
	string(TOUPPER ${component} c)
	set(root "${CPACK_TEMPORARY_DIRECTORY}/${component}/usr/share")
	set(package ${CPACK_DEBIAN_${c}_PACKAGE_NAME})
	set(doc "${root}/doc/${package}")
	if(EXISTS "${root}/doc/physseg")
		file(RENAME "${root}/doc/physseg" "${doc}")
		file(REMOVE "${doc}/CHANGES.md") # it is the changelog
	endif()
	file(WRITE "${doc}/copyright" "${copyright}")
	compress("${source}/CHANGES.md" "${doc}/changelog.gz")
	compress("${CPACK_PHYSSEG_CHANGELOG}" "${doc}/changelog.Debian.gz")
	set(overrides "${source}/packaging/${component}.lintian-overrides")
	if(EXISTS "${overrides}")
		file(MAKE_DIRECTORY "${root}/lintian/overrides")
		file(COPY_FILE "${overrides}"
			"${root}/lintian/overrides/${package}")
	endif()
	# gdb reads what lies at the library's own path below auto-load.
	if(EXISTS "${root}/libphysseg/physseg-gdb.py")
		file(GLOB library RELATIVE
			"${CPACK_TEMPORARY_DIRECTORY}/library"
			"${CPACK_TEMPORARY_DIRECTORY}/library/usr/lib/*/libphysseg.so.*.*.*")
		set(loaded "${root}/gdb/auto-load/${library}-gdb.py")
		get_filename_component(folder "${loaded}" DIRECTORY)
		file(MAKE_DIRECTORY "${folder}")
		file(RENAME "${root}/libphysseg/physseg-gdb.py" "${loaded}")
		file(REMOVE "${root}/libphysseg")
	endif()
	file(GLOB pages "${root}/man/man*/*.[0-9]")
	foreach(page ${pages})
		compress("${page}" "${page}.gz")
		file(REMOVE "${page}")
	endforeach()
endforeach()

# SPDX-License-Identifier: BSD-2-Clause
#
# The manual pages.  A page is found by each name that stands at its top: one is
# its file's, the others become files that lead there.  A page of section 1 or 5
# is installed with its program, a page about liburcu with that part.

file(GLOB pages CONFIGURE_DEPENDS man/man3/*.3 man/man9/*.9)
if(NOT PHYSSEG_URCU)
	list(FILTER pages EXCLUDE REGEX "urcu")
endif()
if(PHYSSEG_EXAMPLES)
	foreach(page man1/iomem.1 man1/physseg-replay.1 man5/physseg-trace.5)
		list(APPEND pages "${CMAKE_CURRENT_SOURCE_DIR}/man/${page}")
	endforeach()
endif()

foreach(page ${pages})
	set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
	get_filename_component(file ${page} NAME)
	string(REGEX REPLACE ".*\\." "" section ${file})
	set(mandir ${CMAKE_INSTALL_MANDIR}/man${section})
	set(component development)
	if(file MATCHES "urcu")
		set(component urcu-development)
	elseif(section MATCHES "[15]")
		set(component tools)
	endif()
	install(FILES ${page} DESTINATION ${mandir} COMPONENT ${component})

	file(STRINGS ${page} names REGEX "^\\.N[md] ")
	foreach(name ${names})
		if(name MATCHES "^\\.Nd")
			break()
		endif()
		string(REGEX REPLACE "^\\.Nm ([^ ]*).*" "\\1.${section}"
			name ${name})
		if(NOT name STREQUAL file)
			set(link "${CMAKE_CURRENT_BINARY_DIR}/man/${name}")
			file(WRITE "${link}" ".so man${section}/${file}\n")
			install(FILES "${link}" DESTINATION ${mandir}
				COMPONENT ${component})
		endif()
	endforeach()
endforeach()

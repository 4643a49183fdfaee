# SPDX-License-Identifier: Apache-2.0
# The commit that was built, as the program records it; asked when CMake runs.
find_package(Git QUIET)
set(CEREMONY_COMMIT unknown)
if(GIT_FOUND)
  execute_process(COMMAND ${GIT_EXECUTABLE} -C ${CMAKE_SOURCE_DIR} rev-parse --short HEAD
                  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET
                  RESULT_VARIABLE status)
  if(status EQUAL 0)
    set(CEREMONY_COMMIT ${commit})
  endif()
endif()

# One line per library, program and test; sources are found, never listed by hand.

function(ceremony_library name folder)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/${folder}/*.c
       ${CMAKE_SOURCE_DIR}/${folder}/steps/*.c)
  list(FILTER sources EXCLUDE REGEX "/main(_[a-z0-9]+)?\\.c$")
  if(NOT sources)
    message(FATAL_ERROR "library \"${name}\" has no sources in ${folder}")
  endif()
  add_library(${name} STATIC ${sources})
  target_link_libraries(${name} PUBLIC ceremony_flags ${ARGN})
endfunction()

function(ceremony_program name)
  cmake_parse_arguments(arg "" "" "SOURCES;LIBS" ${ARGN})
  if(NOT arg_SOURCES)
    message(FATAL_ERROR "program \"${name}\" has no sources")
  endif()
  add_executable(${name} ${arg_SOURCES})
  target_link_libraries(${name} PRIVATE ${arg_LIBS})
  target_compile_definitions(${name} PRIVATE CEREMONY_VERSION="${PROJECT_VERSION}"
                             CEREMONY_COMMIT="${CEREMONY_COMMIT}")
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)
endfunction()

# All files of tests/LABEL/FOLDER/test_*.c make one cmocka program each, labelled LABEL.
function(ceremony_tests label folder)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${label}/${folder}/test_*.c)
  foreach(source IN LISTS sources)
    get_filename_component(stem ${source} NAME_WE)
    set(name ${label}_${folder}_${stem})
    string(REPLACE "/" "_" name ${name})
    string(REPLACE "_._" "_" name ${name})
    add_executable(${name} ${source})
    target_link_libraries(${name} PRIVATE ${ARGN} test_support PkgConfig::CMOCKA)
    target_compile_definitions(${name} PRIVATE TEST_SOURCE_DIR="${CMAKE_SOURCE_DIR}"
                               TEST_BINARY_DIR="${CMAKE_BINARY_DIR}")
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
    add_test(NAME ${name} COMMAND ${name})
    set(timeout 300)
    if(CEREMONY_SANITIZE) # secrets with guard pages of their own are slow under AddressSanitizer
      set(timeout 1800)
    endif()
    set_tests_properties(${name} PROPERTIES LABELS ${label} TIMEOUT ${timeout} ENVIRONMENT
      "LC_ALL=C.UTF-8;TZ=UTC0;TERM=xterm-256color")
  endforeach()
endfunction()

# Every tests/LABEL/test_*.sh (or .py) is one test; it gets SOURCE_DIR and BUILD_DIR.
function(ceremony_script_tests label timeout)
  file(GLOB scripts CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/tests/${label}/test_*.sh
       ${CMAKE_SOURCE_DIR}/tests/${label}/test_*.py)
  foreach(script IN LISTS scripts)
    get_filename_component(stem ${script} NAME_WE)
    add_test(NAME ${label}_${stem} COMMAND ${script})
    set_tests_properties(${label}_${stem} PROPERTIES LABELS ${label} TIMEOUT ${timeout}
      SKIP_RETURN_CODE 77 ENVIRONMENT
      "SOURCE_DIR=${CMAKE_SOURCE_DIR};BUILD_DIR=${CMAKE_BINARY_DIR};LC_ALL=C.UTF-8;TZ=UTC0")
  endforeach()
endfunction()

# SPDX-License-Identifier: Apache-2.0
# Warnings and hardening as interface targets; each flag is tried before it is used.
include(CheckCCompilerFlag)

add_library(ceremony_flags INTERFACE)

function(ceremony_try_flags target)
  foreach(flag IN LISTS ARGN)
    string(MAKE_C_IDENTIFIER "HAVE_FLAG${flag}" known)
    set(CMAKE_REQUIRED_FLAGS "-Werror")
    check_c_compiler_flag("${flag}" ${known})
    unset(CMAKE_REQUIRED_FLAGS)
    if(${known})
      target_compile_options(${target} INTERFACE "${flag}")
    endif()
  endforeach()
endfunction()

set(CMAKE_REQUIRED_QUIET ON)
ceremony_try_flags(ceremony_flags
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wcast-qual -Wcast-align
  -Wformat=2 -Wmissing-prototypes -Wstrict-prototypes -Wold-style-definition -Wwrite-strings
  -Wundef -Wvla -Wswitch-enum -Wimplicit-fallthrough -Wnull-dereference -Wpointer-arith
  -Wredundant-decls -Wdate-time -Wframe-larger-than=8192
  -Werror=int-conversion -Werror=incompatible-pointer-types
  -Werror=implicit-function-declaration)
if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
  ceremony_try_flags(ceremony_flags
    -Wcast-align=strict -Wlogical-op -Wduplicated-cond -Wduplicated-branches
    -Wformat-signedness -Wjump-misses-init -Wtrampolines -Wstack-usage=8192)
elseif(CMAKE_C_COMPILER_ID STREQUAL "Clang")
  ceremony_try_flags(ceremony_flags -Wcomma -Wconditional-uninitialized -Wassign-enum
    -Wunreachable-code)
endif()
# Statement expressions (ERROR, TAKE) are marked __extension__; nothing else leaves C17.
if(CEREMONY_WERROR)
  target_compile_options(ceremony_flags INTERFACE -Werror)
endif()

if(CEREMONY_SANITIZE)
  target_compile_options(ceremony_flags INTERFACE
    -fsanitize=${CEREMONY_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ceremony_flags INTERFACE -fsanitize=${CEREMONY_SANITIZE})
else()
  ceremony_try_flags(ceremony_flags -fstack-protector-strong -fstack-clash-protection
    -fcf-protection=full)
  target_compile_options(ceremony_flags INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3>)
  if(CMAKE_C_COMPILER_ID STREQUAL "GNU")
    ceremony_try_flags(ceremony_flags -ftrivial-auto-var-init=zero
      -fzero-call-used-regs=used-gpr)
  endif()
endif()
if(CEREMONY_FUZZ)
  target_compile_options(ceremony_flags INTERFACE -fsanitize=fuzzer-no-link -fprofile-instr-generate
    -fcoverage-mapping)
  target_link_options(ceremony_flags INTERFACE -fsanitize=fuzzer-no-link -fprofile-instr-generate)
endif()
target_compile_options(ceremony_flags INTERFACE -fvisibility=hidden)
target_link_options(ceremony_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack)
if(CEREMONY_COVERAGE) # counters are written to where the objects are, which a shortened path would hide
  target_compile_options(ceremony_flags INTERFACE --coverage -fprofile-abs-path -fprofile-update=atomic)
  target_link_options(ceremony_flags INTERFACE --coverage)
else() # The same tree gives the same bytes wherever it lies (scripts/dev/reproduce).
  ceremony_try_flags(ceremony_flags "-ffile-prefix-map=${CMAKE_SOURCE_DIR}=.")
  ceremony_try_flags(ceremony_flags "-ffile-prefix-map=${CMAKE_BINARY_DIR}=build")
endif()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
target_link_options(ceremony_flags INTERFACE $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie>)
target_compile_definitions(ceremony_flags INTERFACE _GNU_SOURCE)
target_include_directories(ceremony_flags INTERFACE ${CMAKE_SOURCE_DIR})

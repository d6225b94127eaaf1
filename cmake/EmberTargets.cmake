# SPDX-License-Identifier: GPL-3.0-or-later
# One function per kind of target, so that a folder's CMakeLists.txt only says what is in it and what it may use.

# ember_add_library(base SOURCES a.cpp b.h ... USES public-dependency ... PRIVATE_USES hidden-dependency ...)
# makes the static library ember_base with the alias Ember::base; headers are included by their path from the root.
# MOC: it has Qt's objects; for all others looking for some would take longer than many a file of theirs.
# NO_PCH: without the shared precompiled header, for a library without Qt or with a header of its own.
# UNITY: its files do not mind to be compiled as one where EMBERLAB_UNITY is on: no two have a hidden name in common, but
# those that are APART.
function(ember_add_library name)
    cmake_parse_arguments(ARG "MOC;NO_PCH;UNITY" "" "SOURCES;APART;USES;PRIVATE_USES" ${ARGN})
    set(target ember_${name})
    add_library(${target} STATIC ${ARG_SOURCES})
    set_target_properties(${target} PROPERTIES AUTOMOC ${ARG_MOC})
    add_library(Ember::${name} ALIAS ${target})
    target_include_directories(${target} PUBLIC "${PROJECT_SOURCE_DIR}" PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
    target_link_libraries(${target} PUBLIC ${ARG_USES} PRIVATE ${ARG_PRIVATE_USES} ember_options)
    if(NOT ARG_NO_PCH)
        target_precompile_headers(${target} REUSE_FROM ember_pch)
    endif()
    if(ARG_UNITY)
        set_target_properties(${target} PROPERTIES UNITY_BUILD ${EMBERLAB_UNITY} UNITY_BUILD_BATCH_SIZE 9)
        set_source_files_properties(${ARG_APART} PROPERTIES SKIP_UNITY_BUILD_INCLUSION ON)
    endif()
endfunction()

# ember_add_header_library(wire USES ...): headers only.
function(ember_add_header_library name)
    cmake_parse_arguments(ARG "" "" "USES" ${ARGN})
    add_library(ember_${name} INTERFACE)
    add_library(Ember::${name} ALIAS ember_${name})
    target_include_directories(ember_${name} INTERFACE "${PROJECT_SOURCE_DIR}")
    target_link_libraries(ember_${name} INTERFACE ${ARG_USES})
endfunction()

# ember_add_test(base/tst_result USES Ember::base [LABELS gui] [TIMEOUT 60] [SOURCES extra.cpp ...])
# builds tests/base/tst_result.cpp and runs it with no display. Labels: unit (default), gui, board (an emulator runs),
# slow (whole programs), cross (nearly all of it is compilers and what they made). REALTIME: it keeps up with a clock, so
# fewer others run beside it. PCH: the target whose precompiled header it shares, where it is not that of all tests.
function(ember_add_test path)
    cmake_parse_arguments(ARG "REALTIME" "TIMEOUT;PCH" "USES;LABELS;SOURCES;ENVIRONMENT" ${ARGN})
    if(NOT ARG_TIMEOUT)
        set(ARG_TIMEOUT 120)
    endif()
    if(NOT ARG_LABELS)
        set(ARG_LABELS unit)
    endif()
    if(NOT ARG_PCH)
        set(ARG_PCH ember_test_pch)
    endif()
    get_filename_component(name ${path} NAME)
    set(source "${PROJECT_SOURCE_DIR}/tests/${path}.cpp")
    add_executable(${name} "${source}" ${ARG_SOURCES})
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/tests")
    target_link_libraries(${name} PRIVATE ${ARG_USES} ember_qtest ember_options)
    target_precompile_headers(${name} REUSE_FROM ${ARG_PCH})
    # The one file with Qt's objects is known: AUTOMOC would look for others and compile a file of nothing, for each test.
    set(moc "${CMAKE_CURRENT_BINARY_DIR}/${name}.moc")
    qt_generate_moc("${source}" "${moc}" TARGET ${name})
    set_property(SOURCE "${source}" APPEND PROPERTY OBJECT_DEPENDS "${moc}")
    target_include_directories(${name} PRIVATE "${CMAKE_CURRENT_BINARY_DIR}")
    target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_compile_definitions(${name} PRIVATE EMBERLAB_TEST_DATA="${PROJECT_SOURCE_DIR}/tests/data")
    add_test(NAME ${path} COMMAND ${name})
    if(ARG_REALTIME)
        set_tests_properties(${path} PROPERTIES PROCESSORS 2)
    endif()
    # What a compiler made runs in programs of its own, which no sanitizer of ours sees.
    if(EMBERLAB_SANITIZE AND "cross" IN_LIST ARG_LABELS)
        set_target_properties(${name} PROPERTIES EXCLUDE_FROM_ALL ON)
        set_tests_properties(${path} PROPERTIES DISABLED ON)
    endif()
    set_tests_properties(${path} PROPERTIES
        TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}" SKIP_REGULAR_EXPRESSION "Totals: 0 passed, 0 failed, [1-9]"
        # Programs are started from programs with threads; the thread sanitizer would not have that.
        ENVIRONMENT "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp die_after_fork=0;QT_QPA_PLATFORM=offscreen;EMBERLAB_RESOURCES=${CMAKE_BINARY_DIR}/share/emberlab;EMBERLAB_PLUGINS=${CMAKE_BINARY_DIR}/lib/emberlab/plugins;${ARG_ENVIRONMENT}")
endfunction()

# ember_add_plugin(trees SOURCES ... USES ...): a Qt plugin that the host finds; nothing links it.
function(ember_add_plugin name)
    cmake_parse_arguments(ARG "" "OUTPUT_DIRECTORY" "SOURCES;USES" ${ARGN})
    if(NOT ARG_OUTPUT_DIRECTORY)
        set(ARG_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/lib/emberlab/plugins")
    endif()
    add_library(ember_plugin_${name} MODULE ${ARG_SOURCES})
    set_target_properties(ember_plugin_${name} PROPERTIES
        AUTOMOC ON OUTPUT_NAME ember-${name} PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${ARG_OUTPUT_DIRECTORY}"
        UNITY_BUILD ${EMBERLAB_UNITY} UNITY_BUILD_BATCH_SIZE 0)
    target_include_directories(ember_plugin_${name} PRIVATE "${PROJECT_SOURCE_DIR}")
    target_precompile_headers(ember_plugin_${name} REUSE_FROM ember_pch)
    # What a plugin is linked from stays its own.
    target_link_options(ember_plugin_${name} PRIVATE -Wl,--exclude-libs,ALL)
    target_link_libraries(ember_plugin_${name} PRIVATE Ember::plugin_api ${ARG_USES} ember_options)
endfunction()

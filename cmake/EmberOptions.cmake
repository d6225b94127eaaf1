# SPDX-License-Identifier: GPL-3.0-or-later
# Language, warnings, sanitizers and compiler cache; one interface target carries them to every target of ours.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_INTERPROCEDURAL_OPTIMIZATION OFF)
# Debug still has to train forests and decode streams in the test run.
set(CMAKE_CXX_FLAGS_DEBUG "-O1 -g1" CACHE STRING "" FORCE)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/bin")

add_library(ember_options INTERFACE)
target_compile_options(ember_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    # Float results must equal those of the boards bit for bit: no fused multiply-add behind our back.
    -ffp-contract=off)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    target_compile_options(ember_options INTERFACE -Wduplicated-cond -Wlogical-op)
    # At -O3 its version 12 sees overflows in the strings of its own library and of Qt (GCC bugs 105329 and 105651).
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
        target_compile_options(ember_options INTERFACE
            $<$<CONFIG:Release>:-Wno-stringop-overflow -Wno-stringop-overread -Wno-array-bounds -Wno-restrict>)
    endif()
endif()
if(EMBERLAB_WERROR)
    target_compile_options(ember_options INTERFACE -Werror)
endif()
target_compile_definitions(ember_options INTERFACE QT_NO_KEYWORDS QT_NO_FOREACH)

if(EMBERLAB_SANITIZE STREQUAL "address")
    # Undefined behaviour stops the program too, so a finding is a failed test and not a line in a log.
    set(_sanitize -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    # With all these checks -O1 takes half as long again to compile; the tests mostly wait.
    set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1" CACHE STRING "" FORCE)
elseif(EMBERLAB_SANITIZE STREQUAL "thread")
    set(_sanitize -fsanitize=thread)
elseif(EMBERLAB_SANITIZE STREQUAL "fuzzer")
    set(_sanitize -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
elseif(NOT EMBERLAB_SANITIZE STREQUAL "")
    message(FATAL_ERROR "EMBERLAB_SANITIZE is '${EMBERLAB_SANITIZE}'; it takes address, thread, fuzzer or nothing")
endif()
if(_sanitize)
    add_compile_options(${_sanitize})
    add_link_options(${_sanitize})
endif()

# Over a hundred programs are linked; the usual linker takes five times as long for each.
find_program(EMBERLAB_LLD ld.lld)
if(EMBERLAB_LLD)
    add_link_options(-fuse-ld=lld)
endif()

find_program(EMBERLAB_CCACHE ccache)
if(EMBERLAB_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    # The sloppiness is what ccache's manual asks for with precompiled headers; paths below the checkout do not count, so
    # that a second checkout finds what the first has compiled.
    set(CMAKE_CXX_COMPILER_LAUNCHER
        ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
        CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=1 ${EMBERLAB_CCACHE})
    add_compile_options($<$<AND:$<COMPILE_LANGUAGE:CXX>,$<CXX_COMPILER_ID:GNU>>:-fpch-preprocess>)
endif()

# Most of what compiling a file of core costs is reading these; read once, they cost nothing. A file still includes what
# it uses.
set(EMBERLAB_PCH_SOURCE "${CMAKE_BINARY_DIR}/ember_pch.cpp")
file(CONFIGURE OUTPUT "${EMBERLAB_PCH_SOURCE}" CONTENT "// Nothing: the target exists for its precompiled header.\n")
set(EMBERLAB_PCH_HEADERS
    <QtCore/QByteArray> <QtCore/QDir> <QtCore/QFile> <QtCore/QHash> <QtCore/QJsonArray> <QtCore/QJsonDocument>
    <QtCore/QJsonObject> <QtCore/QList> <QtCore/QMap> <QtCore/QObject> <QtCore/QProcess> <QtCore/QString>
    <QtCore/QStringList> <QtCore/QVariant>
    <algorithm> <array> <atomic> <cmath> <functional> <map> <memory> <mutex> <optional> <span> <string> <thread>
    <variant> <vector>)
function(ember_add_precompiled_header)
    add_library(ember_pch STATIC "${EMBERLAB_PCH_SOURCE}")
    target_link_libraries(ember_pch PRIVATE Qt6::Core ember_options)
    target_precompile_headers(ember_pch PRIVATE ${EMBERLAB_PCH_HEADERS})
    # The tests have one of their own: what over a hundred of them read beside it costs more than the rest.
    if(BUILD_TESTING)
        add_library(ember_test_pch STATIC "${EMBERLAB_PCH_SOURCE}")
        # Without the macros of Qt6::Test: one is the folder of its user, which would make each header another one.
        add_library(ember_qtest INTERFACE)
        target_link_libraries(ember_qtest INTERFACE Qt6::Core $<LINK_ONLY:Qt6::Test>)
        target_include_directories(ember_qtest SYSTEM INTERFACE
            $<TARGET_PROPERTY:Qt6::Test,INTERFACE_INCLUDE_DIRECTORIES>)
        target_link_libraries(ember_test_pch PRIVATE ember_qtest ember_options)
        target_precompile_headers(ember_test_pch PRIVATE ${EMBERLAB_PCH_HEADERS}
            <QtCore/QRandomGenerator> <QtCore/QTemporaryDir> <QtTest/QSignalSpy> <QtTest/QTest>)
    endif()
endfunction()

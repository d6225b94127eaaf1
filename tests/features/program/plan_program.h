// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/base/result.h"
#include "core/features/extractor.h"

#include <QString>
#include <QStringList>

#include <vector>

namespace ember::features::testing {

/// A plan and the windows that a program made of it shall compute.
struct PlanCase
{
    QString name;
    Pipeline pipeline;
    std::vector<QByteArray> windows;
};

/// Pipelines that use every kernel with every sample type, over random, constant, saturated, broken and real windows.
std::vector<PlanCase> conformanceCases(const QString& dataFolder);

/// The printed plan as a program that writes, for each window, the bits of its features as one line of hexadecimal
/// numbers. With `ticks`, a line holds the SysTick count of one extraction instead.
QString programText(const ExtractionPlan& plan, const std::vector<QByteArray>& windows, bool ticks = false);

/// The lines that the program must write, computed by Extractor.
Result<QStringList> expectedLines(const PlanCase& planCase);

/// A board as the file resources/boards/<id>.json tells it, as far as it matters here.
struct BoardTarget
{
    QString id;
    QString family;      ///< prefix of the compiler
    QString emulator;    ///< program
    QStringList machine; ///< its arguments that choose the machine
    QString platform;    ///< source file with what the program needs around it
    QStringList flags;
    quint32 flashBase = 0;
    quint32 ramBase = 0;
};
Result<BoardTarget> boardTarget(const QString& id);

/// Compiles the program for this computer with the compiler and flags given and runs it. Errors: MissingTool, Failed
/// with what the compiler said.
Result<QStringList> runOnHost(const QString& program, const QString& compiler, const QStringList& flags);

/// The same for an emulated board. `icountShift` below zero: as fast as it goes.
Result<QStringList> runOnBoard(const QString& program, const BoardTarget& board, const QStringList& flags,
                               int icountShift = -1);

} // namespace ember::features::testing

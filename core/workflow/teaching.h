// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/codegen/host_program.h"
#include "core/device/transport.h"
#include "core/workflow/deploy.h"
#include "core/workflow/hooks.h"

#include <QJsonObject>

#include <optional>
#include <vector>

namespace ember::workflow {

/// Feature vectors as the model takes them, each with its class.
struct LabelledRows
{
    std::vector<QByteArray> rows; ///< encoded, HostProgram::featureBytes() each
    std::vector<quint16> labels;

    std::size_t size() const { return rows.size(); }
};

/// What a model is taught and what it is asked before and after.
struct TeachingRows
{
    LabelledRows lessons; ///< taught in this order
    LabelledRows fresh;   ///< like the lessons, and not among them
    LabelledRows old;     ///< what the model knows; empty: nothing is said of forgetting
    QString description;  ///< "30 lessons, 30 rows to test of new.csv; 360 rows of old.csv"
};

/// Reads tables of features with a label column. Of the new rows, every second one of each class is a lesson, the
/// others test it. `oldTable` may be empty. Errors: as learn::readTable(), Usage for labels that the model does not
/// know, and for values that are none of its feature type.
Result<TeachingRows> readTeachingTables(const Deployment& deployment, const QString& newTable, const QString& oldTable,
                                        const QString& labelColumn);

/// Takes the labelled windows of a project (empty: the model's own): those of `newGroups` are new (the first half of
/// each class of a group are lessons, by when their recordings were made; of the others, those test that share no row
/// with a lesson), those of `oldGroups` old; none named: of all other groups, also those that the model was trained on.
/// `labelSet` empty: the default set. Errors: Usage for a model that takes no windows, and for groups that have none.
Result<TeachingRows> readTeachingGroups(const Deployment& deployment, const QString& projectPath,
                                        const QStringList& newGroups, const QStringList& oldGroups,
                                        const QString& labelSet = {}, const Hooks& hooks = {});

/// How many rows were right, of how many.
struct Right
{
    qint64 right = 0;
    qint64 rows = 0;
    double share() const { return rows == 0 ? 0 : static_cast<double>(right) / static_cast<double>(rows); }
};

struct BeforeAndAfter
{
    Right before, after;
    double loss() const { return before.share() - after.share(); } ///< negative: it became better
};

/// What lessons do to a model, on the desktop, in the headers that the board compiles.
struct TeachingReport
{
    std::vector<qint64> outcomes; ///< lessons by runtime::LearnOutcome
    BeforeAndAfter fresh, old;
    std::vector<BeforeAndAfter> oldClasses; ///< of each class, of the rows that are of it
    std::vector<Right> certain;       ///< of each class: old rows answered right that no lesson whatsoever can change
    std::vector<Right> freshAfter;    ///< on the fresh rows, after each lesson (at most kCurvePoints of them)
    std::vector<Right> oldAfter;      ///< likewise on the old ones
    std::vector<qint64> curveLessons; ///< how many lessons each point of the curves is after
    QString bound;                    ///< what the limits promise, in words
    qint64 stateBytes = 0;            ///< what is learned takes of the board's RAM

    static constexpr std::size_t kCurvePoints = 24;

    /// The class of old rows that lost most, and the loss; -1 without old rows.
    int worstClass() const;
    double worstLoss() const;
    Right certainRows() const;
};

/// Errors: Usage for a deployment that does not learn, and when there are no lessons.
Result<TeachingReport> teachOnDesk(const Deployment& deployment, const TeachingRows& rows, const Hooks& hooks = {});

/// The same lessons given to a board over the link, one by one, with every answer compared with the desktop's.
struct BoardTeaching
{
    qint64 lessons = 0;
    qint64 otherOutcomes = 0; ///< lessons that the board took otherwise than the desktop
    qint64 rows = 0;          ///< answers that were compared, before and after
    qint64 mismatched = 0;    ///< of them, other classes or outputs than the desktop's, bit for bit
    BeforeAndAfter fresh;     ///< as the board answered
    bool canKeep = false;
    qint64 generation = 0;             ///< of what it keeps over a restart
    qint64 mismatchedAfterRestart = 0; ///< answers that differ when it has started again
    bool restored = false;             ///< it says that it began with what was kept
    bool restarted = false;            ///< it was, to see what it kept
    footprint::CostSource source = footprint::CostSource::Emulated;
};

/// Builds the firmware, runs it on the emulated board, teaches it, has it keep what it learned where it can, restarts
/// it and asks again. Errors: as footprint::BoardRun::start(); Board.
Result<BoardTeaching> teachOnBoard(const Deployment& deployment, const TeachingRows& rows, const Hooks& hooks = {});

/// A board that runs already.
struct ConnectedBoard
{
    QString port; ///< address of its link
    device::TransportOptions transport = {};
    bool emulated = false; ///< where figures come from
};

/// The same on a board that runs the deployment's firmware already. What it had learned before is forgotten first, it
/// is not restarted, and nothing is kept unless changeBoardMemory() says so. Errors: Board, Usage for another model.
Result<BoardTeaching> teachConnected(const ConnectedBoard& board, const Deployment& deployment,
                                     const TeachingRows& rows, const Hooks& hooks = {});

/// What a connected board is told about what it learned; forgetting comes first.
struct MemoryChange
{
    bool forget = false;
    bool keep = false; ///< over a restart
};

struct BoardMemory
{
    QString board;
    QString model;
    qint64 rows = 0; ///< that were taught and count
    bool canKeep = false;
    bool kept = false; ///< what it knows is what it starts with again
    qint64 generation = 0;
};

/// Asks the board, and changes what is wanted. Errors: Board, also for one that does not learn or cannot
/// keep; Usage without a model.
Result<BoardMemory> changeBoardMemory(const ConnectedBoard& board, MemoryChange change, const Hooks& hooks = {});

QJsonObject toJson(const BoardMemory& memory);
QJsonObject toJson(const TeachingReport& report, const QStringList& classNames);
QJsonObject toJson(const BoardTeaching& board);

} // namespace ember::workflow

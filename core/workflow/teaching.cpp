// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/workflow/teaching.h"

#include "core/codegen/learning/host_learner.h"
#include "core/device/polled_transport.h"
#include "core/footprint/board_run.h"
#include "device-agent/runtime/learn.hpp"

#include <QJsonArray>

#include <algorithm>

namespace ember::workflow {
namespace {

constexpr int kRestartTimeoutMs = 60'000;
constexpr int kOpenTimeoutMs = 30'000;
constexpr std::size_t kRowsPerReport = 32;
constexpr std::size_t kOutcomes = runtime::kNothingToLearn + 1;

Status goOn(const Hooks& hooks)
{
    if (hooks.cancel.isCancelled())
        return Error(ErrorKind::Cancelled, QStringLiteral("Teaching was cancelled."));
    return {};
}

/// Answers to rows, by class.
Result<std::vector<Right>> rightOf(const codegen::HostLearner& learner, const LabelledRows& rows, std::size_t classes,
                                   const Hooks& hooks)
{
    std::vector<Right> right(classes);
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EMBER_CHECK(goOn(hooks));
        EMBER_TRY(const codegen::HostOutput output, learner.run(rows.rows[i]));
        Right& of = right[rows.labels[i]];
        ++of.rows;
        of.right += output.winner == rows.labels[i] ? 1 : 0;
    }
    return right;
}

Right together(const std::vector<Right>& classes)
{
    Right all;
    for (const Right& one : classes) {
        all.right += one.right;
        all.rows += one.rows;
    }
    return all;
}

QString boundText(const codegen::LoweredModel& model, const codegen::LearningOptions& options)
{
    const codegen::LoweredLearning& learning = *model.learning;
    if (const auto* body = std::get_if<codegen::LoweredNeighbours>(&model.body))
        return QStringLiteral(
                   "no trained point is ever given up; of the %1 neighbours that vote, at most %2 are taught "
                   "rows; of the %3 rows that are kept, each class keeps its newest %4")
            .arg(body->k)
            .arg(learning.votes)
            .arg(learning.rows)
            .arg(learning.rows / std::max<qsizetype>(model.classNames.size(), 1));
    if (const auto* body = std::get_if<codegen::LoweredGaussian>(&model.body)) {
        const QString text = QStringLiteral("no mean moves further from where it was trained than %1 %2");
        return text.arg(options.limit)
            .arg(body->centres ? QStringLiteral("standard deviations of all rows, as the model's scaler has them "
                                                "(without a scaler: units of the feature)")
                               : QStringLiteral("standard deviations of its class"));
    }
    const QString text =
        QStringLiteral("no weight changes by more than %1 times the largest weight, by no row more than an "
                       "eighth of that")
            .arg(options.limit);
    return learning.weightLimit > 1 ? text : text + QStringLiteral("; one step of the integers at the least");
}

/// After which lessons the curves have a point: the last one always.
bool isCurvePoint(std::size_t lesson, std::size_t lessons)
{
    const std::size_t most = TeachingReport::kCurvePoints;
    const std::size_t before = lesson * most / lessons;
    const std::size_t after = (lesson + 1) * most / lessons;
    return lessons <= most || after > before;
}

Status addCertain(const codegen::HostLearner& trained, const LabelledRows& rows, TeachingReport& report,
                  const Hooks& hooks)
{
    for (std::size_t i = 0; i < rows.size(); ++i) {
        EMBER_CHECK(goOn(hooks));
        EMBER_TRY(const codegen::HostOutput output, trained.run(rows.rows[i]));
        EMBER_TRY(const bool certain, trained.isCertain(rows.rows[i]));
        Right& of = report.certain[rows.labels[i]];
        ++of.rows;
        of.right += certain && output.winner == rows.labels[i] ? 1 : 0;
    }
    return {};
}

Status checkLessons(const Deployment& deployment, const TeachingRows& rows)
{
    if (!deployment.program.model().learning)
        return Error(ErrorKind::Usage, QStringLiteral("This deployment does not learn."));
    if (rows.lessons.size() == 0)
        return Error(ErrorKind::Usage, QStringLiteral("There are no rows to teach."),
                     QStringLiteral("Give at least one row of each class that is to be taught."));
    return {};
}

QJsonObject json(const Right& right)
{
    return {{QStringLiteral("right"), right.right},
            {QStringLiteral("rows"), right.rows},
            {QStringLiteral("accuracy"), right.rows == 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(right.share())}};
}

QJsonObject json(const BeforeAndAfter& both)
{
    return {{QStringLiteral("before"), json(both.before)}, {QStringLiteral("after"), json(both.after)}};
}

/// Asks the board and the desktop the same.
class Examination
{
public:
    Examination(device::AgentSession& session, const codegen::HostLearner& desk, const Hooks& hooks)
        : m_session(session)
        , m_desk(desk)
        , m_hooks(hooks)
    {}

    /// Returns what the board had right; adds to `asked` and `mismatched`.
    Result<Right> ask(const LabelledRows& rows, qint64* asked, qint64* mismatched)
    {
        Right right;
        for (std::size_t i = 0; i < rows.size(); ++i) {
            EMBER_CHECK(goOn(m_hooks));
            if (i % kRowsPerReport == 0)
                ember::report(m_hooks.progress, QStringLiteral("Asking the board"),
                              static_cast<double>(i) / static_cast<double>(rows.size()),
                              QStringLiteral("%1 of %2 rows").arg(i).arg(rows.size()));
            EMBER_TRY(const device::VectorOutput board, answerTo(rows.rows[i]));
            EMBER_TRY(const codegen::HostOutput desk, m_desk.run(rows.rows[i]));
            const bool same = board.winner == desk.winner && board.outputs.bytes == desk.outputs.bytes;
            ++*asked;
            *mismatched += same ? 0 : 1;
            ++right.rows;
            right.right += board.winner == rows.labels[i] ? 1 : 0;
        }
        return right;
    }

    Result<device::VectorOutput> answerTo(const QByteArray& features)
    {
        return m_session.runVector(m_row++, device::VectorKind::Features, features, wire::kWantOutputs);
    }

private:
    device::AgentSession& m_session;
    const codegen::HostLearner& m_desk;
    const Hooks& m_hooks;
    quint32 m_row = 0;
};

/// Restarts the board and waits until it describes itself as newly started.
Status restart(device::AgentSession& session, const Hooks& hooks)
{
    report(hooks.progress, QStringLiteral("Restarting the board"));
    const quint32 before = session.description().session;
    EMBER_CHECK(session.reset(false));
    const device::Deadline deadline(kRestartTimeoutMs);
    while (!deadline.hasPassed()) {
        EMBER_CHECK(goOn(hooks));
        const auto description = session.describe({1000, 1});
        if (description && description->session != before)
            return {};
        if (!description && !description.error().mayMend())
            return description.error();
    }
    return Error(ErrorKind::Board,
                 QStringLiteral("The board did not start again within %1 s.").arg(kRestartTimeoutMs / 1000));
}

Status keepAndRestart(device::AgentSession& session, Examination& examination, const TeachingRows& rows,
                      BoardTeaching& result, const Hooks& hooks)
{
    report(hooks.progress, QStringLiteral("Keeping what was learned"));
    EMBER_TRY(const device::LearnedReport kept, session.learn({wire::kLearnKeep, 0, 0}));
    result.generation = kept.header.generation;
    result.restarted = true;
    EMBER_CHECK(restart(session, hooks));
    EMBER_TRY(const device::LearnedReport again, session.learn({wire::kLearnAsk, 0, 0}));
    result.restored = again.isRestored();
    qint64 asked = 0;
    EMBER_CHECK(examination.ask(rows.fresh, &asked, &result.mismatchedAfterRestart));
    EMBER_CHECK(examination.ask(rows.lessons, &asked, &result.mismatchedAfterRestart));
    return {};
}

/// The lessons one by one, each answer and outcome beside the desktop's; `desk` learns with the board.
Result<BoardTeaching> teachOver(device::AgentSession& session, codegen::HostLearner& desk, Examination& examination,
                                const TeachingRows& rows, const Hooks& hooks)
{
    BoardTeaching result;
    EMBER_TRY(result.fresh.before, examination.ask(rows.fresh, &result.rows, &result.mismatched));
    for (std::size_t i = 0; i < rows.lessons.size(); ++i) {
        EMBER_CHECK(goOn(hooks));
        ember::report(hooks.progress, QStringLiteral("Teaching the board"),
                      static_cast<double>(i) / static_cast<double>(rows.lessons.size()),
                      QStringLiteral("%1 of %2 lessons").arg(i).arg(rows.lessons.size()));
        EMBER_CHECK(examination.answerTo(rows.lessons.rows[i]));
        EMBER_TRY(const device::LearnedReport learned, session.learn({wire::kLearnLast, rows.lessons.labels[i], 0}));
        EMBER_TRY(const quint8 expected, desk.learn(rows.lessons.rows[i], rows.lessons.labels[i]));
        ++result.lessons;
        result.otherOutcomes += learned.header.outcome == expected ? 0 : 1;
        result.canKeep = learned.canKeep();
    }
    EMBER_TRY(result.fresh.after, examination.ask(rows.fresh, &result.rows, &result.mismatched));
    EMBER_CHECK(examination.ask(rows.lessons, &result.rows, &result.mismatched));
    return result;
}

} // namespace

int TeachingReport::worstClass() const
{
    int worst = -1;
    for (std::size_t c = 0; c < oldClasses.size(); ++c) {
        if (oldClasses[c].before.rows > 0 &&
            (worst < 0 || oldClasses[c].loss() > oldClasses[static_cast<std::size_t>(worst)].loss()))
            worst = static_cast<int>(c);
    }
    return worst;
}

double TeachingReport::worstLoss() const
{
    const int worst = worstClass();
    return worst < 0 ? 0 : oldClasses[static_cast<std::size_t>(worst)].loss();
}

Right TeachingReport::certainRows() const
{
    return together(certain);
}

Result<TeachingReport> teachOnDesk(const Deployment& deployment, const TeachingRows& rows, const Hooks& hooks)
{
    EMBER_CHECK(checkLessons(deployment, rows));
    EMBER_TRY(codegen::HostLearner learner, codegen::HostLearner::make(deployment.program));
    const auto classes = static_cast<std::size_t>(deployment.program.model().classNames.size());
    TeachingReport report;
    report.outcomes.assign(kOutcomes, 0);
    report.certain.assign(classes, {});
    report.bound = boundText(deployment.program.model(), *deployment.options.learning);
    report.stateBytes = learner.state().size();
    EMBER_CHECK(addCertain(learner, rows.old, report, hooks));
    EMBER_TRY(const std::vector<Right> freshBefore, rightOf(learner, rows.fresh, classes, hooks));
    EMBER_TRY(const std::vector<Right> oldBefore, rightOf(learner, rows.old, classes, hooks));
    std::vector<Right> freshAfter = freshBefore;
    std::vector<Right> oldAfter = oldBefore;
    for (std::size_t i = 0; i < rows.lessons.size(); ++i) {
        EMBER_CHECK(goOn(hooks));
        EMBER_TRY(const quint8 outcome, learner.learn(rows.lessons.rows[i], rows.lessons.labels[i]));
        ++report.outcomes[outcome];
        if (!isCurvePoint(i, rows.lessons.size()))
            continue;
        ember::report(hooks.progress, QStringLiteral("Teaching on the desktop"),
                      static_cast<double>(i + 1) / static_cast<double>(rows.lessons.size()));
        EMBER_TRY(freshAfter, rightOf(learner, rows.fresh, classes, hooks));
        EMBER_TRY(oldAfter, rightOf(learner, rows.old, classes, hooks));
        report.curveLessons.push_back(static_cast<qint64>(i + 1));
        report.freshAfter.push_back(together(freshAfter));
        report.oldAfter.push_back(together(oldAfter));
    }
    report.fresh = {together(freshBefore), together(freshAfter)};
    report.old = {together(oldBefore), together(oldAfter)};
    for (std::size_t c = 0; c < classes; ++c)
        report.oldClasses.push_back({oldBefore[c], oldAfter[c]});
    return report;
}

Result<BoardTeaching> teachOnBoard(const Deployment& deployment, const TeachingRows& rows, const Hooks& hooks)
{
    EMBER_CHECK(checkLessons(deployment, rows));
    EMBER_CHECK(checkDeployment(deployment));
    EMBER_TRY(codegen::HostLearner desk, codegen::HostLearner::make(deployment.program));
    EMBER_TRY(const std::unique_ptr<footprint::BoardRun> run,
              footprint::BoardRun::start(deployment.program, deployment.board, {hooks.progress, hooks.cancel}));
    Examination examination(run->session(), desk, hooks);
    EMBER_TRY(BoardTeaching result, teachOver(run->session(), desk, examination, rows, hooks));
    if (result.canKeep)
        EMBER_CHECK(keepAndRestart(run->session(), examination, rows, result, hooks));
    return result;
}

Result<BoardTeaching> teachConnected(const ConnectedBoard& board, const Deployment& deployment,
                                     const TeachingRows& rows, const Hooks& hooks)
{
    EMBER_CHECK(checkLessons(deployment, rows));
    EMBER_TRY(codegen::HostLearner desk, codegen::HostLearner::make(deployment.program));
    EMBER_TRY(const std::unique_ptr<device::AgentSession> session,
              device::AgentSession::open(board.port, kOpenTimeoutMs, board.transport, hooks.cancel));
    EMBER_CHECK(footprint::requireModel(*session, deployment.program));
    EMBER_CHECK(session->stop(-1)); // the model may be at work on the stream, for whoever had the link before
    EMBER_CHECK(session->learn({wire::kLearnForget, 0, 0}));
    Examination examination(*session, desk, hooks);
    EMBER_TRY(BoardTeaching result, teachOver(*session, desk, examination, rows, hooks));
    result.source = board.emulated ? footprint::CostSource::Emulated : footprint::CostSource::Measured;
    return result;
}

Result<BoardMemory> changeBoardMemory(const ConnectedBoard& board, MemoryChange change, const Hooks& hooks)
{
    EMBER_TRY(const std::unique_ptr<device::AgentSession> session,
              device::AgentSession::open(board.port, kOpenTimeoutMs, board.transport, hooks.cancel));
    EMBER_TRY(device::LearnedReport said, session->learn({wire::kLearnAsk, 0, 0})); // whether it learns at all
    if (change.forget) {
        EMBER_TRY(said, session->learn({wire::kLearnForget, 0, 0}));
    }
    if (change.keep) {
        report(hooks.progress, QStringLiteral("Keeping what the board knows now"));
        EMBER_TRY(said, session->learn({wire::kLearnKeep, 0, 0}));
    }
    BoardMemory memory;
    memory.board = session->description().board;
    memory.model = session->description().model->name;
    memory.canKeep = said.canKeep();
    memory.kept = (said.header.flags & wire::kLearnedUnkept) == 0;
    memory.generation = said.header.generation;
    for (const quint16 rows : said.counts)
        memory.rows += rows;
    return memory;
}

QJsonObject toJson(const BoardMemory& memory)
{
    return {{QStringLiteral("board"), memory.board},
            {QStringLiteral("model"), memory.model},
            {QStringLiteral("taught_rows"), memory.rows},
            {QStringLiteral("keeps"), memory.canKeep},
            {QStringLiteral("kept"), memory.canKeep && memory.kept},
            {QStringLiteral("generation"), memory.generation}};
}

QJsonObject toJson(const TeachingReport& report, const QStringList& classNames)
{
    const auto outcome = [&](runtime::LearnOutcome of) { return report.outcomes[of]; };
    QJsonArray classes;
    for (std::size_t c = 0; c < report.oldClasses.size(); ++c) {
        QJsonObject of = json(report.oldClasses[c]);
        of.insert(QStringLiteral("class"), classNames.value(static_cast<qsizetype>(c)));
        of.insert(QStringLiteral("certain"), json(report.certain[c]));
        classes.append(of);
    }
    QJsonArray curve;
    for (std::size_t i = 0; i < report.curveLessons.size(); ++i)
        curve.append(QJsonObject{{QStringLiteral("lessons"), report.curveLessons[i]},
                                 {QStringLiteral("new"), json(report.freshAfter[i])},
                                 {QStringLiteral("old"), json(report.oldAfter[i])}});
    const int worst = report.worstClass();
    return {
        {QStringLiteral("lessons"), QJsonObject{{QStringLiteral("learned"), outcome(runtime::kLearned)},
                                                {QStringLiteral("over_oldest"), outcome(runtime::kLearnedOverOldest)},
                                                {QStringLiteral("to_limit"), outcome(runtime::kLearnedToLimit)},
                                                {QStringLiteral("nothing"), outcome(runtime::kNothingToLearn)}}},
        {QStringLiteral("new"), json(report.fresh)},
        {QStringLiteral("old"), json(report.old)},
        {QStringLiteral("per_class"), classes},
        {QStringLiteral("worst_class"), worst < 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(classNames.value(worst))},
        {QStringLiteral("worst_loss"), worst < 0 ? QJsonValue(QJsonValue::Null) : QJsonValue(report.worstLoss())},
        {QStringLiteral("certain"), json(report.certainRows())},
        {QStringLiteral("bound"), report.bound},
        {QStringLiteral("learned_bytes"), report.stateBytes},
        {QStringLiteral("curve"), curve}};
}

QJsonObject toJson(const BoardTeaching& board)
{
    return {{QStringLiteral("lessons"), board.lessons},
            {QStringLiteral("other_outcomes"), board.otherOutcomes},
            {QStringLiteral("rows"), board.rows},
            {QStringLiteral("mismatched"), board.mismatched},
            {QStringLiteral("new"), json(board.fresh)},
            {QStringLiteral("keeps"), board.canKeep},
            {QStringLiteral("generation"), board.generation},
            {QStringLiteral("restored"), board.restored},
            {QStringLiteral("mismatched_after_restart"), board.mismatchedAfterRestart},
            {QStringLiteral("restarted"), board.restarted},
            {QStringLiteral("source"), footprint::costSourceName(board.source)}};
}

} // namespace ember::workflow

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/footprint/verify.h"

#include "core/footprint/board_run.h"
#include "core/model/evaluator.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace ember::footprint {
namespace {

constexpr std::size_t kListedMismatches = 10;
// What float results may differ by before a score counts as another one.
constexpr double kScoreTolerance = 1e-5;

template <typename Value>
std::vector<double> numbers(const QByteArray& bytes)
{
    std::vector<double> values;
    for (qsizetype at = 0; at + static_cast<qsizetype>(sizeof(Value)) <= bytes.size();
         at += static_cast<qsizetype>(sizeof(Value))) {
        Value value;
        std::memcpy(&value, bytes.constData() + at, sizeof value);
        values.push_back(static_cast<double>(value));
    }
    return values;
}

std::vector<double> featureNumbers(const QByteArray& bytes, codegen::FeatureType type)
{
    switch (type) {
    case codegen::FeatureType::Int8:
        return numbers<qint8>(bytes);
    case codegen::FeatureType::Int16:
        return numbers<qint16>(bytes);
    case codegen::FeatureType::Int32:
        return numbers<qint32>(bytes);
    default:
        return numbers<float>(bytes);
    }
}

double difference(double a, double b)
{
    if (a == b || (std::isnan(a) && std::isnan(b)))
        return 0;
    const double apart = std::abs(a - b);
    return std::isnan(apart) ? std::numeric_limits<double>::infinity() : apart;
}

class Verifier
{
public:
    Verifier(const codegen::HostProgram& program, const model::Model& reference, const VerifyOptions& options,
             const device::BoardDescription& board)
        : m_program(program)
        , m_reference(reference)
        , m_options(options)
    {
        m_report.board = board.board;
        m_report.modelHash = program.model().hash;
        m_report.outputType = program.model().outputType;
        if (!options.expectedLabels.empty() || !options.expectedScores.empty())
            m_report.expect.emplace();
    }

    Status take(std::size_t row, const EncodedInputs& inputs, const device::VectorOutput& board)
    {
        EMBER_TRY(const codegen::HostOutput desk,
                  inputs.windows ? m_program.runWindow(inputs.rows[row]) : m_program.runFeatures(inputs.rows[row]));
        ++m_report.rows;
        compare(row, desk, board);
        EMBER_CHECK(compareWithReference(desk, board));
        compareWithExpected(row, board);
        if (m_options.meter)
            m_work += m_options.meter->work(board.featureTicks) + m_options.meter->work(board.modelTicks);
        return {};
    }

    VerifyReport finish()
    {
        m_report.bitExact = m_report.mismatched == 0;
        m_report.work.source = m_options.source;
        m_report.work.value =
            m_options.meter ? m_work / static_cast<double>(m_report.rows) : std::numeric_limits<double>::quiet_NaN();
        m_report.unit = m_options.meter ? m_options.meter->unit() : WorkUnit::Instructions;
        return m_report;
    }

private:
    void compare(std::size_t row, const codegen::HostOutput& desk, const device::VectorOutput& board)
    {
        QString what;
        if (!board.features.isEmpty() && board.features != desk.features)
            what = firstDifference(QStringLiteral("feature"),
                                   featureNumbers(board.features, m_program.model().featureType),
                                   featureNumbers(desk.features, m_program.model().featureType), 1);
        if (board.outputs != desk.outputs) {
            const QString outputs = firstDifference(QStringLiteral("output"), board.outputs.numbers(),
                                                    desk.outputs.numbers(), m_program.model().outputScale);
            what = what.isEmpty() ? outputs : what;
        }
        if (what.isEmpty() && board.winner != desk.winner)
            what = QStringLiteral("class %1 on the board, %2 on the desktop").arg(board.winner).arg(desk.winner);
        if (what.isEmpty())
            return;
        ++m_report.mismatched;
        if (m_report.firstMismatches.size() < kListedMismatches)
            m_report.firstMismatches.push_back({static_cast<qint64>(row), what});
    }

    /// Names the first number that differs and widens the largest difference; "" is never returned.
    QString firstDifference(const QString& what, const std::vector<double>& board, const std::vector<double>& desk,
                            double scale)
    {
        if (board.size() != desk.size())
            return QStringLiteral("%1 %2s from the board, %3 on the desktop")
                .arg(board.size())
                .arg(what)
                .arg(desk.size());
        QString first;
        for (std::size_t i = 0; i < board.size(); ++i) {
            const double apart = difference(board[i], desk[i]);
            m_report.maxAbsDiff = std::max(m_report.maxAbsDiff, apart / scale);
            if (apart > 0 && first.isEmpty())
                first = QStringLiteral("%1 %2: %3 on the board, %4 on the desktop")
                            .arg(what)
                            .arg(i)
                            .arg(board[i], 0, 'g', 9)
                            .arg(desk[i], 0, 'g', 9);
        }
        // Zeros of unlike sign are equal numbers and unlike bits.
        return first.isEmpty() ? QStringLiteral("a %1 that is the same number in other bits").arg(what) : first;
    }

    Status compareWithReference(const codegen::HostOutput& desk, const device::VectorOutput& board)
    {
        // Of networks the desk runs the reference itself.
        if (!m_program.model().classifier || std::holds_alternative<codegen::LoweredNetwork>(m_program.model().body))
            return {};
        const std::vector<double> wide = featureNumbers(desk.features, m_program.model().featureType);
        const std::vector<float> features(wide.begin(), wide.end());
        if (!m_evaluator) {
            EMBER_TRY(m_evaluator, model::Evaluator::create(m_reference));
        }
        EMBER_TRY(const model::Evaluation reference, m_evaluator->run(features));
        if (reference.winners.front() != board.winner)
            ++m_report.labelFlips;
        return {};
    }

    void compareWithExpected(std::size_t row, const device::VectorOutput& board)
    {
        bool differs = false;
        if (row < m_options.expectedLabels.size() && m_options.expectedLabels[row] != board.winner) {
            ++m_report.expect->labelFlips;
            differs = true;
        }
        const std::vector<double> answers = board.outputs.numbers();
        const std::size_t outputs = answers.size();
        if ((row + 1) * outputs <= m_options.expectedScores.size()) {
            for (std::size_t i = 0; i < outputs; ++i) {
                const double score = m_program.model().score(answers[i]);
                const double apart =
                    difference(score, static_cast<double>(m_options.expectedScores[row * outputs + i]));
                m_report.expect->maxAbsDiff = std::max(m_report.expect->maxAbsDiff, apart);
                differs = differs || apart > kScoreTolerance;
            }
        }
        if (differs)
            ++m_report.expect->mismatched;
    }

    const codegen::HostProgram& m_program;
    const model::Model& m_reference;
    std::optional<model::Evaluator> m_evaluator; ///< of the reference, made for the first row
    const VerifyOptions& m_options;
    VerifyReport m_report;
    double m_work = 0;
};

Status checkExpected(const VerifyOptions& options, const EncodedInputs& inputs, const codegen::HostProgram& program)
{
    const std::size_t rows = inputs.rows.size();
    const std::size_t scores = rows * program.model().outputCount;
    // Of limited rows the first are taken, and the answers to the others are no mistake.
    const auto fits = [&options](std::size_t given, std::size_t wanted) {
        return given == 0 || given == wanted || (options.maxRows > 0 && given > wanted);
    };
    if (fits(options.expectedLabels.size(), rows) && fits(options.expectedScores.size(), scores))
        return {};
    return Error(ErrorKind::Usage,
                 QStringLiteral("There are %1 rows of input, and another number of expected answers.").arg(rows),
                 QStringLiteral("Give one label per row, or one score per row and output."));
}

} // namespace

QJsonObject toJson(const VerifyReport& report)
{
    const auto number = [](double value) {
        return std::isfinite(value) ? QJsonValue(value) : QJsonValue(QJsonValue::Null);
    };
    QJsonObject json{{QStringLiteral("board"), report.board},
                     {QStringLiteral("model_hash"), report.modelHash},
                     {QStringLiteral("rows"), report.rows},
                     {QStringLiteral("bit_exact"), report.bitExact},
                     {QStringLiteral("mismatched"), report.mismatched},
                     {QStringLiteral("max_abs_diff"), number(report.maxAbsDiff)},
                     {QStringLiteral("label_flips"), report.labelFlips},
                     {QStringLiteral("instructions"), QJsonValue(QJsonValue::Null)},
                     {QStringLiteral("source"), costSourceName(report.work.source)}};
    json.insert(workUnitName(report.unit), number(report.work.value));
    if (report.expect)
        json.insert(QStringLiteral("expect"),
                    QJsonObject{{QStringLiteral("mismatched"), report.expect->mismatched},
                                {QStringLiteral("max_abs_diff"), number(report.expect->maxAbsDiff)},
                                {QStringLiteral("label_flips"), report.expect->labelFlips}});
    return json;
}

Result<VerifyReport> verifyOn(device::AgentSession& session, const codegen::HostProgram& program,
                              const model::Model& reference, const Inputs& inputs, const VerifyOptions& options)
{
    EMBER_CHECK(requireModel(session, program));
    EMBER_TRY(const EncodedInputs encoded, encodeInputs(program, inputs, options.maxRows));
    EMBER_CHECK(checkExpected(options, encoded, program));
    Verifier verifier(program, reference, options, session.description());
    EMBER_CHECK(runInputs(
        session, encoded, {options.progress, options.cancel},
        [&](std::size_t row, const device::VectorOutput& output) { return verifier.take(row, encoded, output); }));
    return verifier.finish();
}

Result<VerifyReport> verify(const codegen::HostProgram& program, const model::Model& reference,
                            const device::Board& board, const Inputs& inputs, const VerifyOptions& options)
{
    // Before anything is built: a wrong input is known at once.
    EMBER_TRY(const EncodedInputs encoded, encodeInputs(program, inputs, options.maxRows));
    EMBER_CHECK(checkExpected(options, encoded, program));
    EMBER_TRY(const std::unique_ptr<BoardRun> run, BoardRun::start(program, board, {options.progress, options.cancel}));
    VerifyOptions emulated = options;
    emulated.meter = emulatorMeter(board, run->session().description().cpuTickHz);
    emulated.source = CostSource::Emulated;
    return verifyOn(run->session(), program, reference, inputs, emulated);
}

} // namespace ember::footprint

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/features/plan_builder.h"

#include <algorithm>

namespace ember::features {
namespace {

bool sameBut(const Argument& a, const Argument& b, int indexDifference)
{
    return a.kind == b.kind && a.table == b.table && a.real == b.real && b.index - a.index == indexDifference;
}

/// Whether `body` is `first` after `passes` passes of a loop whose steps `second` shows.
bool continues(const std::vector<KernelCall>& first, const std::vector<KernelCall>& second,
               const std::vector<KernelCall>& body, int passes)
{
    if (first.size() != second.size() || first.size() != body.size())
        return false;
    for (std::size_t c = 0; c < first.size(); ++c) {
        if (first[c].kernel != body[c].kernel || first[c].templateArguments != body[c].templateArguments ||
            first[c].arguments.size() != body[c].arguments.size() ||
            first[c].arguments.size() != second[c].arguments.size())
            return false;
        for (std::size_t a = 0; a < first[c].arguments.size(); ++a) {
            const Argument& from = first[c].arguments[a];
            const int step = second[c].arguments[a].index - from.index;
            if (!sameBut(from, body[c].arguments[a], step * passes))
                return false;
        }
    }
    return true;
}

void setSteps(std::vector<KernelCall>& body, const std::vector<KernelCall>& next)
{
    for (std::size_t c = 0; c < body.size(); ++c) {
        for (std::size_t a = 0; a < body[c].arguments.size(); ++a)
            body[c].arguments[a].step = next[c].arguments[a].index - body[c].arguments[a].index;
    }
}

} // namespace

PlanBuilder::PlanBuilder(const Pipeline& pipeline, const StagedPipeline& staged)
    : m_pipeline(pipeline)
    , m_staged(staged)
{
    m_plan.sampleType = pipeline.stream.type;
    m_plan.windowRows = pipeline.windowRows;
    m_plan.channels = static_cast<int>(pipeline.stream.channels.size());
}

Argument PlanBuilder::count(int value)
{
    return {Argument::Kind::Count, value, 0, 0.0f, -1};
}

Argument PlanBuilder::real(float value)
{
    return {Argument::Kind::Real, 0, 0, value, -1};
}

Argument PlanBuilder::output(int feature)
{
    return {Argument::Kind::Output, feature, 0, 0.0f, -1};
}

Argument PlanBuilder::signal()
{
    return {Argument::Kind::Scratch, 0, 0, 0.0f, -1};
}

Argument PlanBuilder::secondSignal() const
{
    return work(0);
}

Argument PlanBuilder::work(int floats) const
{
    return {Argument::Kind::Scratch, m_pipeline.windowRows + floats, 0, 0.0f, -1};
}

Argument PlanBuilder::table(const QString& name, TableValues values)
{
    const auto known = std::find_if(m_plan.tables.begin(), m_plan.tables.end(),
                                    [&name](const ConstantTable& table) { return table.name == name; });
    const int number = static_cast<int>(known - m_plan.tables.begin());
    if (known == m_plan.tables.end())
        m_plan.tables.push_back({name, std::move(values)});
    else
        Q_ASSERT(known->values == values);
    return {Argument::Kind::Table, 0, 0, 0.0f, number};
}

Argument PlanBuilder::freeTable(const QString& name, const TableValues& values)
{
    for (int i = 1;; ++i) {
        const QString numbered = i == 1 ? name : name + QString::number(i);
        const auto taken = std::find_if(m_plan.tables.begin(), m_plan.tables.end(),
                                        [&numbered](const ConstantTable& table) { return table.name == numbered; });
        if (taken == m_plan.tables.end() || taken->values == values)
            return table(numbered, values);
    }
}

void PlanBuilder::onChannel(int channel, const std::vector<KernelCall>& calls, int workFloats)
{
    Body& body = m_channels[channel];
    body.insert(body.end(), calls.begin(), calls.end());
    needScratch(workFloats);
}

void PlanBuilder::onNorm(Norm norm, const std::vector<int>& channels, const std::vector<KernelCall>& calls,
                         int workFloats)
{
    needScratch(std::max(workFloats, m_pipeline.windowRows));
    for (NormWork& work : m_norms) {
        if (work.norm == norm && work.channels == channels) {
            work.calls.insert(work.calls.end(), calls.begin(), calls.end());
            return;
        }
    }
    m_norms.push_back({norm, channels, calls});
}

void PlanBuilder::onPair(int first, int second, const std::vector<KernelCall>& calls)
{
    needScratch(m_pipeline.windowRows);
    for (auto& [pair, body] : m_pairs) {
        if (pair == std::pair(first, second)) {
            body.insert(body.end(), calls.begin(), calls.end());
            return;
        }
    }
    m_pairs.push_back({{first, second}, calls});
}

void PlanBuilder::onEach(const std::vector<int>& channels, const std::vector<std::vector<KernelCall>>& each,
                         const std::vector<KernelCall>& last, int workFloats)
{
    needScratch(workFloats);
    m_groups.push_back({channels, each, last});
}

bool PlanBuilder::isStaged(int channel) const
{
    return !m_staged.origins[static_cast<std::size_t>(channel)].steps.empty();
}

std::vector<Argument> PlanBuilder::frameSource(int channel, int firstRow) const
{
    const int first = firstRow * frameStride(channel);
    if (isStaged(channel))
        return {{Argument::Kind::Scratch, first, 0, 0.0f, -1}, count(1), real(1.0f), real(0.0f)};
    const signal::Channel& raw = m_pipeline.stream.channels[static_cast<std::size_t>(channel)];
    return {{Argument::Kind::Input, first + channel, 0, 0.0f, -1},
            count(m_plan.channels),
            real(static_cast<float>(raw.scale)),
            real(static_cast<float>(raw.offset))};
}

int PlanBuilder::frameStride(int channel) const
{
    return isStaged(channel) ? 1 : m_plan.channels;
}

Argument PlanBuilder::frameWork(int channel, int floats) const
{
    return isStaged(channel) ? work(floats) : Argument{Argument::Kind::Scratch, floats, 0, 0.0f, -1};
}

void PlanBuilder::onFrames(int channel, const std::vector<PlanLoop>& loops, int workFloats)
{
    m_plan.scratchFloats = std::max(m_plan.scratchFloats, frameWork(channel, workFloats).index);
    m_frames.push_back({channel, loops});
}

ExtractionPlan PlanBuilder::finish(int features)
{
    m_plan.features = features;
    std::vector<Body> bodies;
    QStringList comments;
    for (const auto& [channel, calls] : m_channels) {
        Body body = load(channel, signal());
        body.insert(body.end(), calls.begin(), calls.end());
        bodies.push_back(std::move(body));
        comments << channelName(channel);
    }
    addLoops(bodies, comments);
    for (const NormWork& work : m_norms)
        addNorm(work);

    bodies.clear();
    comments.clear();
    for (const auto& [pair, calls] : m_pairs) {
        Body body = load(pair.first, signal());
        const Body second = load(pair.second, secondSignal());
        body.insert(body.end(), second.begin(), second.end());
        body.insert(body.end(), calls.begin(), calls.end());
        bodies.push_back(std::move(body));
        comments << channelName(pair.first) + QStringLiteral(" with ") + channelName(pair.second);
    }
    addLoops(bodies, comments);
    for (const GroupWork& work : m_groups)
        addGroup(work);
    for (const FrameWork& work : m_frames) {
        if (isStaged(work.channel))
            addLoops({load(work.channel, signal())}, {channelName(work.channel)});
        m_plan.loops.insert(m_plan.loops.end(), work.loops.begin(), work.loops.end());
    }
    addLoops({{{Kernel::CanonicalNans, {}, {output(0), count(features)}}}}, {QStringLiteral("all features")});
    return std::move(m_plan);
}

PlanBuilder::Body PlanBuilder::load(int channel, Argument to)
{
    const SignalOrigin& origin = m_staged.origins[static_cast<std::size_t>(channel)];
    Body body = {loadRaw(origin.source, to)};
    for (const SignalStep& step : origin.steps) {
        const Body calls = step.stage->calls(step, to, *this);
        body.insert(body.end(), calls.begin(), calls.end());
    }
    return body;
}

KernelCall PlanBuilder::loadRaw(int channel, Argument to)
{
    needScratch(0);
    return {Kernel::LoadChannel,
            {},
            {{Argument::Kind::Input, channel, 0, 0.0f, -1},
             count(m_pipeline.windowRows),
             count(m_plan.channels),
             perChannel(QStringLiteral("Scale"), &signal::Channel::scale, channel),
             perChannel(QStringLiteral("Offset"), &signal::Channel::offset, channel),
             to}};
}

/// The channel's scale or offset: a literal when all channels have the same, so that no table is carried for it.
Argument PlanBuilder::perChannel(const QString& tableName, double signal::Channel::*member, int channel)
{
    std::vector<float> values;
    for (const signal::Channel& each : m_pipeline.stream.channels)
        values.push_back(static_cast<float>(each.*member));
    if (std::all_of(values.begin(), values.end(), [&values](float v) { return v == values.front(); }))
        return real(values.front());
    Argument argument = table(tableName, std::move(values));
    argument.kind = Argument::Kind::TableElement;
    argument.index = channel;
    return argument;
}

QString PlanBuilder::channelName(int channel) const
{
    return m_staged.seen.stream.channels[static_cast<std::size_t>(channel)].name;
}

QString PlanBuilder::namesOf(const std::vector<int>& channels) const
{
    QStringList names;
    for (int channel : channels)
        names << channelName(channel);
    return names.join(QStringLiteral(", "));
}

void PlanBuilder::needScratch(int floats)
{
    m_plan.scratchFloats = std::max(m_plan.scratchFloats, m_pipeline.windowRows + floats);
}

/// Adds bodies in order, making one loop of each run in which every argument moves by its own constant step.
void PlanBuilder::addLoops(const std::vector<Body>& bodies, const QStringList& comments)
{
    std::size_t i = 0;
    while (i < bodies.size()) {
        std::size_t end = i + 1;
        while (end < bodies.size() && continues(bodies[i], bodies[i + 1], bodies[end], static_cast<int>(end - i)))
            ++end;
        PlanLoop loop;
        loop.count = static_cast<int>(end - i);
        loop.body = bodies[i];
        if (loop.count > 1)
            setSteps(loop.body, bodies[i + 1]);
        loop.comment = comments.mid(static_cast<qsizetype>(i), loop.count).join(QStringLiteral(", "));
        m_plan.loops.push_back(std::move(loop));
        i = end;
    }
}

void PlanBuilder::addGroup(const GroupWork& work)
{
    std::vector<Body> bodies;
    QStringList comments;
    for (std::size_t i = 0; i < work.channels.size(); ++i) {
        bodies.push_back(load(work.channels[i], signal()));
        bodies.back().insert(bodies.back().end(), work.each[i].begin(), work.each[i].end());
        comments << channelName(work.channels[i]);
    }
    addLoops(bodies, comments);
    addLoops({work.last}, {QStringLiteral("features of ") + namesOf(work.channels)});
}

void PlanBuilder::addNorm(const NormWork& work)
{
    const QString names = namesOf(work.channels);
    const Argument rows = count(m_staged.seen.windowRows);
    const bool euclidean = work.norm == Norm::Euclidean;
    addLoops({{{Kernel::ClearSignal, {}, {rows, signal()}}}},
             {(euclidean ? QStringLiteral("length of ") : QStringLiteral("absolute sum of ")) + names});
    std::vector<Body> bodies;
    QStringList comments;
    for (int channel : work.channels) {
        bodies.push_back(load(channel, secondSignal()));
        bodies.back().push_back(
            {euclidean ? Kernel::AddSquares : Kernel::AddAbsolutes, {}, {secondSignal(), rows, signal()}});
        comments << channelName(channel);
    }
    addLoops(bodies, comments);
    Body rest;
    if (euclidean)
        rest.push_back({Kernel::SquareRoots, {}, {rows, signal()}});
    rest.insert(rest.end(), work.calls.begin(), work.calls.end());
    addLoops({rest}, {(euclidean ? QStringLiteral("features of the length of ")
                                 : QStringLiteral("features of the absolute sum of ")) +
                      names});
}

} // namespace ember::features

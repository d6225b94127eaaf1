// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/deploy/live_inference.h"

#include "app/gui/devices/device_session.h"
#include "core/signal/sample_block.h"

#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

namespace ember::gui {
namespace {

// The board tells the first digits of the model's hash.
constexpr qsizetype kHashDigits = 16;
// Samples come in batches, a result by itself: how often to look for the rest of its rows, and for how long.
constexpr int kDrainMs = 20;
constexpr int kPatienceMs = 3000;
// Of more than this nothing waits: a board may tell faster than its rows come.
constexpr std::size_t kMostWaiting = 1000;

template <typename T>
void putRaw(char* at, float physical, const signal::Channel& channel)
{
    const double raw = (static_cast<double>(physical) - channel.offset) / channel.scale;
    T value;
    if constexpr (std::is_integral_v<T>)
        value = static_cast<T>(
            std::clamp<double>(std::round(raw), std::numeric_limits<T>::min(), std::numeric_limits<T>::max()));
    else
        value = static_cast<T>(raw);
    std::memcpy(at, &value, sizeof value);
}

void putSample(char* at, float physical, const signal::Channel& channel, signal::SampleType type)
{
    switch (type) {
    case signal::SampleType::Int8:
        putRaw<qint8>(at, physical, channel);
        break;
    case signal::SampleType::Int16:
        putRaw<qint16>(at, physical, channel);
        break;
    case signal::SampleType::Int32:
        putRaw<qint32>(at, physical, channel);
        break;
    case signal::SampleType::Float32:
        putRaw<float>(at, physical, channel);
        break;
    }
}

} // namespace

Result<QByteArray> rawRows(const device::LiveBuffer& buffer, qint64 begin, qint64 count)
{
    const signal::StreamSpec& spec = buffer.spec();
    if (begin < buffer.firstRow() || begin + count > buffer.endRow())
        return Error(ErrorKind::BadData, LiveInference::tr("The window is not in the live buffer."));
    const std::size_t channels = spec.channels.size();
    const std::size_t sampleBytes = wire::elementSize(spec.type);
    QByteArray rows(static_cast<qsizetype>(spec.bytesPerRow()) * count, '\0');
    std::vector<float> physical(static_cast<std::size_t>(count) * channels);
    for (std::size_t c = 0; c < channels; ++c) {
        const device::Envelope values =
            buffer.envelope(static_cast<int>(c), begin, begin + count, static_cast<int>(count));
        if (values.rowsPerPoint != 1 || values.firstRow != begin || static_cast<qint64>(values.least.size()) != count)
            return Error(ErrorKind::BadData, LiveInference::tr("The window has left the live buffer."));
        for (std::size_t row = 0; row < static_cast<std::size_t>(count); ++row) {
            if (std::isnan(values.least[row]))
                return Error(ErrorKind::BadData, LiveInference::tr("Rows of the window were lost on the way."));
            physical[row * channels + c] = values.least[row];
            putSample(rows.data() + (row * channels + c) * sampleBytes, values.least[row], spec.channels[c], spec.type);
        }
    }
    if (signal::toPhysical(rows, spec) != physical)
        return Error(ErrorKind::BadData,
                     LiveInference::tr("The stream's scale does not let samples be taken back exactly."));
    return rows;
}

LiveInference::LiveInference(DeviceSession& devices, QObject* parent)
    : QObject(parent)
    , m_devices(devices)
{
    m_drain.setSingleShot(true);
    m_drain.setInterval(kDrainMs);
    connect(&m_drain, &QTimer::timeout, this, &LiveInference::drain);
    connect(&devices, &DeviceSession::inference, this, &LiveInference::take);
    connect(&devices, &DeviceSession::eventTold, this, &LiveInference::take);
    connect(&devices, &DeviceSession::streamStarted, this, [this] {
        m_lostEvents = 0;
        reset();
    });
    connect(&devices, &DeviceSession::changed, this, &LiveInference::changed);
}

void LiveInference::setProgram(const std::optional<codegen::HostProgram>& program)
{
    const auto hashOf = [](const std::optional<codegen::HostProgram>& p) { return p ? p->model().hash : QString(); };
    const bool another = hashOf(program) != hashOf(m_program);
    m_program = program;
    if (another)
        reset();
}

void LiveInference::reset()
{
    m_waiting.clear();
    m_latest.reset();
    m_windows = m_compared = m_agreed = 0;
    Q_EMIT changed();
}

bool LiveInference::isOurModel() const
{
    const auto& description = m_devices.description();
    return m_program && description && description->model &&
           description->model->hash == m_program->model().hash.left(kHashDigits);
}

QString LiveInference::className(int index) const
{
    const auto& description = m_devices.description();
    if (!description || !description->model)
        return {};
    return description->model->classNames.value(index, QString::number(index));
}

int LiveInference::classCount() const
{
    const auto& description = m_devices.description();
    return description && description->model ? static_cast<int>(description->model->classNames.size()) : 0;
}

bool LiveInference::rowsAreHere(const device::InferenceResult& result) const
{
    const auto buffer = m_devices.live();
    return buffer && buffer->endRow() >= result.endRow;
}

void LiveInference::take(const std::variant<device::InferenceResult, device::EventNotice>& news)
{
    Waiting waiting{news, {}};
    waiting.since.start();
    m_waiting.push_back(waiting);
    drain();
}

void LiveInference::drain()
{
    while (!m_waiting.empty()) {
        const Waiting& first = m_waiting.front();
        if (const auto* told = std::get_if<device::EventNotice>(&first.news)) {
            const device::EventNotice notice = *told;
            m_waiting.pop_front();
            tell(notice);
            continue;
        }
        const auto result = std::get<device::InferenceResult>(first.news);
        const bool worthWaiting =
            isOurModel() && m_waiting.size() <= kMostWaiting && first.since.elapsed() < kPatienceMs;
        if (worthWaiting && !rowsAreHere(result)) {
            m_drain.start();
            return;
        }
        m_waiting.pop_front();
        judge(result);
    }
}

void LiveInference::tell(const device::EventNotice& notice)
{
    const int lost = notice.lost - std::exchange(m_lostEvents, notice.lost);
    if (lost > 0)
        Q_EMIT eventsLost(lost);
    Q_EMIT eventTold(className(notice.label), notice.begins);
}

void LiveInference::judge(const device::InferenceResult& result)
{
    LiveResult live;
    live.board = result;
    const auto buffer = m_devices.live();
    const auto host = [&]() -> Result<codegen::HostOutput> {
        if (!isOurModel())
            return Error(ErrorKind::NotFound, tr("The board runs another model than the chosen run."));
        if (!m_program->model().pipeline || !buffer)
            return Error(ErrorKind::Unsupported, tr("The model does not take windows of raw rows."));
        const qint64 rows = m_program->model().pipeline->windowRows;
        EMBER_TRY(const QByteArray window, rawRows(*buffer, result.endRow - rows, rows));
        return m_program->runWindow(window);
    }();
    ++m_windows;
    if (host) {
        live.host = *host;
        ++m_compared;
        m_agreed += live.agrees() ? 1 : 0;
    } else {
        live.whyNoHost = host.error();
    }
    m_latest = live;
    Q_EMIT arrived(live);
    Q_EMIT changed();
}

} // namespace ember::gui

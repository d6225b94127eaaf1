// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/devices/device_session.h"

#include "app/gui/shell/job_queue.h"
#include "core/base/resources.h"

#include <QDateTime>
#include <QRegularExpression>

#include <utility>

namespace ember::gui {
namespace {

/// A name that no file has yet, in a folder of ours; where that cannot be made, opening the file says why.
QString newRawLog(const QString& address)
{
    static const QRegularExpression kOther(QStringLiteral("[^A-Za-z0-9.]+"));
    const QString port = address.section(QLatin1Char('/'), -1).replace(kOther, QStringLiteral("-"));
    const QString name = QStringLiteral("%1-%2.emberlog")
                             .arg(port, QDateTime::currentDateTime().toString(QStringLiteral("yyyy-MM-dd-hhmmsszzz")));
    return stateDirectory(QStringLiteral("raw-logs")).value_or(QString()) + QLatin1Char('/') + name;
}

} // namespace

DeviceSession::DeviceSession(JobQueue& jobs, QObject* parent)
    : QObject(parent)
    , m_jobs(jobs)
{
    qRegisterMetaType<device::InferenceResult>();
    qRegisterMetaType<device::TakeResult>();
}

DeviceSession::~DeviceSession()
{
    reset();
    m_retiring.waitForDone();
}

QString DeviceSession::stateText() const
{
    switch (m_state) {
    case State::Disconnected:
        return tr("No board");
    case State::Starting:
        return tr("Starting");
    case State::Connecting:
        return tr("Connecting");
    case State::Streaming:
        return tr("Streaming");
    case State::LinkLost:
        return tr("Link lost, reconnecting");
    case State::Lent:
        return tr("Busy with a job");
    case State::Failed:
        return tr("Failed");
    }
    return {};
}

void DeviceSession::setState(State state)
{
    m_state = state;
    Q_EMIT changed();
}

void DeviceSession::reset()
{
    if (m_starting != 0)
        m_jobs.cancel(m_starting);
    m_starting = 0;
    ++m_generation;
    retire(std::move(m_capture), std::move(m_link));
    m_capture.reset();
    m_link.reset();
    m_streams.clear();
    m_description.reset();
    m_formatReport.reset();
    m_rawLog.clear();
    m_status = {};
}

void DeviceSession::retire(std::shared_ptr<device::Capture> capture, std::shared_ptr<workflow::BoardLink> link)
{
    if (!capture && !link)
        return;
    m_retiring.start([capture = std::move(capture), link = std::move(link)]() mutable {
        capture.reset(); // first the link, then the board it leads to
        link.reset();
    });
}

void DeviceSession::startEmulated(const device::Board& board, const QString& feedFile, const QString& secondFeedFile)
{
    reset();
    if (board.id != m_boardId || !m_emulated)
        m_chosenStreams.clear();
    m_boardId = board.id;
    m_boardName = board.name;
    m_emulated = true;
    m_address.clear();
    setState(State::Starting);

    const quint64 generation = m_generation;
    using Started = std::shared_ptr<workflow::BoardLink>;
    m_starting = m_jobs.run<Started>(
        tr("Start %1").arg(board.name),
        [id = board.id, feedFile, secondFeedFile](const JobContext& job) -> Result<Started> {
            workflow::BoardSource source;
            source.board = id;
            source.loop = true;
            const auto load = [&job](const QString& file, auto& into) -> Status {
                if (file.isEmpty())
                    return {};
                report(job.progress, DeviceSession::tr("Loading the sensor's recording"));
                EMBER_TRY(workflow::FeedFile feed, workflow::loadFeed(file, job.cancel));
                into = std::make_shared<const workflow::FeedFile>(std::move(feed));
                return {};
            };
            EMBER_CHECK(load(feedFile, source.feed));
            EMBER_CHECK(load(secondFeedFile, source.secondFeed));
            EMBER_TRY(workflow::BoardLink link, workflow::startBoard(source, {job.progress, job.cancel}));
            return std::make_shared<workflow::BoardLink>(std::move(link));
        },
        this,
        [this, generation](const Result<Started>& started) {
            if (generation != m_generation) {
                if (started)
                    retire(nullptr, *started);
                return;
            }
            m_starting = 0;
            if (started) {
                m_link = *started;
                startCapture();
                return;
            }
            m_status.error = started.error();
            setState(started.error().kind == ErrorKind::Cancelled ? State::Disconnected : State::Failed);
        });
}

void DeviceSession::connectTo(const QString& address, const QString& boardName, const QString& format)
{
    reset();
    if (address != m_address || m_emulated)
        m_chosenStreams.clear();
    m_boardId.clear();
    m_boardName = boardName;
    m_emulated = false;
    m_link = std::make_shared<workflow::BoardLink>();
    m_link->address = address;
    m_link->format = format;
    startCapture();
}

void DeviceSession::disconnectBoard()
{
    reset();
    m_boardId.clear();
    m_boardName.clear();
    m_address.clear();
    m_chosenStreams.clear();
    setState(State::Disconnected);
    Q_EMIT streamStarted();
}

QStringList DeviceSession::streamNames() const
{
    QStringList names;
    if (!m_description)
        return names;
    for (const device::StreamDescription& stream : m_description->streams) {
        // Without a sensor behind it there is no rate. Other firmware has one stream, and may not know its rate.
        if (stream.spec.rateHz > 0 || m_description->streams.size() == 1)
            names << stream.spec.name;
    }
    return names;
}

void DeviceSession::chooseStreams(const QStringList& names)
{
    if (names == m_chosenStreams)
        return;
    m_chosenStreams = names;
    if (m_capture)
        endCapture(State::Connecting, [this](bool ours) {
            if (ours)
                startCapture();
        });
}

void DeviceSession::endCapture(State state, std::function<void(bool ours)> closed)
{
    ++m_generation;
    m_streams.clear();
    setState(state);
    // The link is opened again once it is closed: a port has one user at a time.
    m_retiring.start([this, closed = std::move(closed), generation = m_generation,
                      capture = std::exchange(m_capture, nullptr)]() mutable {
        capture.reset();
        QMetaObject::invokeMethod(
            this, [this, generation, closed = std::move(closed)] { closed(generation == m_generation); },
            Qt::QueuedConnection);
    });
}

void DeviceSession::lendLink(std::function<void(const Status& lent)> ready)
{
    if (!isStreaming()) {
        ready(Error(ErrorKind::Board, tr("The board does not stream."), tr("Start it, then try again.")));
        return;
    }
    endCapture(State::Lent, [ready = std::move(ready)](bool ours) {
        ready(ours ? Status() : Error(ErrorKind::Board, tr("The board was disconnected."), tr("Connect it again.")));
    });
}

void DeviceSession::takeBack()
{
    if (m_state == State::Lent && m_link)
        startCapture();
}

device::CaptureHandlers DeviceSession::makeHandlers()
{
    const quint64 generation = m_generation;
    // Everything below comes from the acquisition thread and is handed over as a value. Our destructor waits for the
    // end of every such thread, so `this` is there; news of a capture that was given up is told by its generation.
    const auto onGui = [this, generation](auto call) {
        QMetaObject::invokeMethod(
            this,
            [this, generation, call = std::move(call)] {
                if (generation == m_generation)
                    call();
            },
            Qt::QueuedConnection);
    };
    device::CaptureHandlers handlers;
    handlers.onStatus = [this, onGui](const device::CaptureStatus& s) { onGui([this, s] { onStatus(s); }); };
    handlers.onDescription = [this, onGui](const device::BoardDescription& d) {
        onGui([this, d] {
            m_description = d;
            if (m_boardId.isEmpty() && d.format == QLatin1String(device::kAgentFormat))
                m_boardId = d.board;
            Q_EMIT changed();
        });
    };
    handlers.onStreams = [this, onGui](const std::vector<std::shared_ptr<const device::LiveBuffer>>& buffers) {
        onGui([this, buffers] {
            m_streams = buffers;
            Q_EMIT streamStarted();
        });
    };
    handlers.onInference = [this, onGui](const device::InferenceResult& r) {
        onGui([this, r] { Q_EMIT inference(r); });
    };
    handlers.onEvent = [this, onGui](const device::EventNotice& notice) {
        onGui([this, notice] { Q_EMIT eventTold(notice); });
    };
    handlers.onFormatReport = [this, onGui](const device::FormatReport& report) {
        onGui([this, report] {
            m_formatReport = report;
            Q_EMIT changed();
        });
    };
    handlers.onText = [this, onGui](const formats::TextLine& line) {
        onGui([this, text = line.text] { Q_EMIT boardSaid(text); });
    };
    handlers.onLog = [this, onGui](const QString& text) { onGui([this, text] { Q_EMIT boardSaid(text); }); };
    // The end of a take is told even when its capture was given up meanwhile: what it recorded is to be sealed.
    handlers.onTakeEnded = [this](const device::TakeResult& result) {
        QMetaObject::invokeMethod(
            this,
            [this, told = device::TakeResult(result)]() mutable {
                m_recording = false;
                if (told.error)
                    told.error = explained(*told.error);
                Q_EMIT takeEnded(told);
                Q_EMIT changed();
            },
            Qt::QueuedConnection);
    };
    return handlers;
}

void DeviceSession::startCapture()
{
    device::CaptureOptions options;
    options.streams = m_chosenStreams;
    options.address = m_link->address;
    options.transport = m_link->transport;
    options.timeScale = m_link->timeScale;
    // A cable comes back; an emulator that ended does not, and waiting for it would look like hope.
    options.reconnect = !m_emulated;
    options.format = m_link->format;
    options.liveSeconds = kLiveSeconds;
    options.historySeconds = kHistorySeconds;
    options.outputs = wire::kStartSamples | wire::kStartInference;
    options.rawLog = m_rawLog = m_keepsBytes && !m_emulated ? newRawLog(m_link->address) : QString();
    m_capture = std::make_shared<device::Capture>(options, makeHandlers());
    m_address = m_link->address;
    m_capture->start();
    setState(State::Connecting);
}

Error DeviceSession::explained(const Error& error) const
{
    if (!m_emulated || !error.mayMend() || m_streams.empty())
        return error;
    // Neither cable nor power is the matter when the board is a program.
    Error ended(ErrorKind::Board, tr("The emulator of %1 has ended.").arg(m_boardName), tr("Start the board again."));
    ended.trail = QStringList{error.message} + error.trail;
    return ended;
}

void DeviceSession::onStatus(const device::CaptureStatus& status)
{
    m_status = status;
    m_status.error = explained(status.error);
    switch (status.state) {
    case device::CaptureState::Connecting:
        setState(State::Connecting);
        break;
    case device::CaptureState::Streaming:
        setState(State::Streaming);
        break;
    case device::CaptureState::LinkLost:
        setState(State::LinkLost);
        break;
    case device::CaptureState::Finished:
        setState(State::Disconnected);
        break;
    case device::CaptureState::Failed:
        setState(State::Failed);
        break;
    }
}

void DeviceSession::beginTake(device::SinkFactory sink, const device::TakeOptions& options)
{
    if (!m_capture)
        return;
    m_recording = true;
    m_capture->beginTake(std::move(sink), options);
    Q_EMIT changed();
}

void DeviceSession::endTake()
{
    if (m_capture)
        m_capture->endTake();
}

} // namespace ember::gui

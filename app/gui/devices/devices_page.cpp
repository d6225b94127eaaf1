// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/devices/devices_page.h"

#include "app/gui/devices/board_card.h"
#include "app/gui/devices/device_session.h"
#include "app/gui/devices/feed_choice.h"
#include "app/gui/devices/format_panel.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/navigator.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"
#include "app/gui/widgets/build.h"
#include "app/gui/widgets/card_grid.h"
#include "app/gui/widgets/facts.h"
#include "app/gui/widgets/format.h"
#include "app/gui/widgets/notice.h"
#include "core/base/quantity.h"

#include <QFontDatabase>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QScrollArea>

#include <algorithm>

namespace ember::gui {
namespace {

constexpr int kCardWidth = 270;
constexpr int kPortPollMs = 2000;
constexpr int kHeardLines = 500;
constexpr char16_t kNonBreakingHyphen = 0x2011;

// The board of the demo and of the Deploy page, so that a first walk through stays on one.
const Setting<QString> kLastBoard{"devices/board", QStringLiteral("mps2-an386")};
const Setting<QString> kLastAddress{"devices/address", QString()};
const Setting<QString> kLastFeed{"devices/feed", QString()};
const Setting<QString> kSecondFeed{"devices/second-feed", QString()};
const Setting<bool> kKeepBytes{"devices/keep-bytes", false};

QString boardDetail(const device::Board& board)
{
    QStringList parts{board.cpu, formatHertz(static_cast<double>(board.clockHz))};
    if (board.fpu)
        parts << QStringLiteral("FPU");
    if (board.dsp)
        parts << QStringLiteral("DSP");
    return parts.join(QStringLiteral(" · "));
}

QFrame* sectionLine(const QString& title)
{
    auto* line = new QFrame;
    auto* row = plainLayout<QHBoxLayout>(line, 8);
    row->addWidget(makeLabel(title, "heading"));
    row->addWidget(makeFrame("line"), 1);
    return line;
}

} // namespace

DevicesPage::DevicesPage(AppContext& context)
    : Page(QStringLiteral("devices"), tr("Devices"), QStringLiteral("devices"), context)
    , m_emulatedGrid(new CardGrid(kCardWidth, context.theme.metrics().m))
    , m_portGrid(new CardGrid(kCardWidth, context.theme.metrics().m))
    , m_noPorts(makeLabel(tr("No serial port found. Plug a board in; it appears here by itself."), "muted"))
    , m_feed(new FeedChoice(context.settings, kLastFeed, false))
    , m_secondFeed(new FeedChoice(context.settings, kSecondFeed, true))
    , m_address(new QLineEdit)
    , m_inspector(new Inspector(tr("No board connected")))
    , m_facts(new Facts)
    , m_streams(new Facts)
    , m_format(new FormatPanel(context.devices))
    , m_log(new QPlainTextEdit)
{
    m_main = context.actions.add(this, tr("Devices"), tr("Start board"), QStringLiteral("play"), {}, [this] {
        if (this->context().devices.state() == DeviceSession::State::Disconnected ||
            this->context().devices.state() == DeviceSession::State::Failed)
            startBoard(m_selected);
        else
            this->context().navigator.go(QStringLiteral("capture"));
    });
    m_disconnect = context.actions.add(this, tr("Devices"), tr("Disconnect"), QStringLiteral("unlink"), {},
                                       [this] { this->context().devices.disconnectBoard(); });
    setMainAction(m_main);
    buildFeedChoice();

    auto* content = new QWidget;
    content->setObjectName(QStringLiteral("scrolled"));
    auto* column = plainLayout<QVBoxLayout>(content, context.theme.metrics().m);
    column->addWidget(sectionLine(tr("Emulated boards")));
    column->addWidget(m_emulatedGrid);
    column->addSpacing(context.theme.metrics().m);
    column->addWidget(sectionLine(tr("Serial ports")));
    column->addWidget(m_portGrid);
    column->addWidget(m_noPorts);
    column->addSpacing(context.theme.metrics().m);
    column->addWidget(sectionLine(tr("Address")));
    column->addWidget(buildAddressField());
    column->addStretch(1);
    auto* scroll = new QScrollArea;
    scroll->setWidgetResizable(true);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(content);
    scroll->setMinimumWidth(kCardWidth + context.theme.metrics().l);
    setContent(scroll);

    m_log->setReadOnly(true);
    m_log->setMaximumBlockCount(kHeardLines);
    m_log->setFont(QFontDatabase::systemFont(QFontDatabase::FixedFont));
    m_log->setMinimumHeight(120);
    m_log->setPlaceholderText(tr("What the board says appears here."));
    m_inspector->addSection({}, m_facts);
    m_inspector->addSection({}, m_format);
    m_inspector->addSection(tr("Streams"), m_streams);
    m_inspector->addSection(tr("Board log"), m_log);
    setInspector(m_inspector);

    connect(&context.devices, &DeviceSession::changed, this, [this] {
        refreshCards();
        refreshInspector();
        refreshMainAction();
        refreshNotice();
        m_format->refresh();
    });
    connect(m_format, &FormatPanel::formatChosen, this, [this] { connectPort(this->context().devices.address()); });
    m_format->setKeepsBytes(context.settings.get(kKeepBytes));
    connect(m_format, &FormatPanel::keepsBytesChosen, this, [this](bool keeps) {
        this->context().settings.set(kKeepBytes, keeps);
        connectPort(this->context().devices.address());
    });
    connect(&context.devices, &DeviceSession::boardSaid, m_log, &QPlainTextEdit::appendPlainText);
    connect(&context.navigator, &Navigator::boardRequested, this, &DevicesPage::startBoard);
    m_portTimer.setInterval(kPortPollMs);
    connect(&m_portTimer, &QTimer::timeout, this, &DevicesPage::refreshPorts);

    auto registry = device::loadBoardRegistry();
    if (registry) {
        m_boards = std::move(registry->boards);
        for (const Error& problem : registry->problems)
            m_log->appendPlainText(problem.toString());
    } else {
        notice().showError(registry.error());
    }
    m_selected = context.settings.get(kLastBoard);
    if (!findBoard(m_selected))
        m_selected.clear();
    for (const device::Board& board : m_boards) {
        if (m_selected.isEmpty() && board.isEmulated() && device::missingTool(board).isEmpty())
            m_selected = board.id;
    }
    buildCards();
    refreshPorts();
    refreshInspector();
    refreshMainAction();
    refreshFeedChoice();
    context.actions.addProvider([this] {
        std::vector<PaletteEntry> entries;
        for (const device::Board& board : m_boards) {
            if (board.isEmulated() && device::missingTool(board).isEmpty())
                entries.push_back(
                    {tr("Start %1").arg(board.name), tr("Board"), {}, QStringLiteral("chip"), [this, id = board.id] {
                         startBoard(id);
                     }});
        }
        return entries;
    });
}

QWidget* DevicesPage::buildAddressField()
{
    m_address->setObjectName(QStringLiteral("address"));
    m_address->setPlaceholderText(QStringLiteral("tcp://192.168.1.20:3333, udp:47269, unix:///tmp/board.sock"));
    m_address->setToolTip(tr("A board behind a network or a socket: what ser2net, an emulator or a bridge offers"));
    m_address->setText(context().settings.get(kLastAddress));
    auto* button = makeButton(tr("Connect"));
    button->setObjectName(QStringLiteral("connect-address"));
    const auto connectNow = [this] {
        const QString address = m_address->text().trimmed();
        if (address.isEmpty())
            return;
        context().settings.set(kLastAddress, address);
        connectPort(address);
    };
    connect(m_address, &QLineEdit::returnPressed, this, connectNow);
    connect(button, &QPushButton::clicked, this, connectNow);
    auto* line = new QWidget;
    auto* row = plainLayout<QHBoxLayout>(line, context().theme.metrics().s);
    row->addWidget(m_address, 1);
    row->addWidget(button);
    return line;
}

void DevicesPage::buildFeedChoice()
{
    filters()->addStretch(1);
    filters()->addWidget(makeLabel(tr("Emulated sensor plays"), "muted"));
    m_feed->setToolTip(tr("The recording that an emulated board's sensor gives, over and over"));
    m_feed->setObjectName(QStringLiteral("feed"));
    filters()->addWidget(m_feed);
    m_secondFeedLabel = makeLabel(tr("second"), "muted");
    filters()->addWidget(m_secondFeedLabel);
    m_secondFeed->setToolTip(tr("What the board's second sensor gives, as a stream of its own"));
    m_secondFeed->setObjectName(QStringLiteral("second-feed"));
    filters()->addWidget(m_secondFeed);
}

/// The second choice is there for boards with a second sensor.
void DevicesPage::refreshFeedChoice()
{
    const device::Board* board = findBoard(m_selected);
    const bool second = board && board->isEmulated() && board->emulator->secondSensor;
    m_secondFeed->setVisible(second);
    m_secondFeedLabel->setVisible(second);
}

const device::Board* DevicesPage::findBoard(const QString& id) const
{
    for (const device::Board& board : m_boards) {
        if (board.id == id)
            return &board;
    }
    return nullptr;
}

void DevicesPage::buildCards()
{
    qint64 mostFlash = 0;
    qint64 mostRam = 0;
    for (const device::Board& board : m_boards) {
        mostFlash = std::max(mostFlash, board.flashBytes);
        mostRam = std::max(mostRam, board.ramBytes);
    }
    for (const device::Board& board : m_boards) {
        if (!board.isEmulated())
            continue;
        const BoardCardData shown{board.id,         board.name,    boardDetail(board), QStringLiteral("chip"),
                                  board.flashBytes, board.ramBytes};
        auto* card = new BoardCard(shown, mostFlash, mostRam, context().theme);
        card->setObjectName(QStringLiteral("board-") + board.id);
        connect(card, &BoardCard::chosen, this, &DevicesPage::select);
        connect(card, &BoardCard::buttonClicked, this, &DevicesPage::onCardButton);
        m_emulatedGrid->addCard(card);
        m_cards.insert(board.id, card);
    }
}

void DevicesPage::refreshPorts()
{
    auto listed = device::listPorts(m_boards);
    std::vector<device::PortInfo> ports = listed ? std::move(*listed) : std::vector<device::PortInfo>();
    const bool same = std::equal(ports.begin(), ports.end(), m_ports.begin(), m_ports.end(),
                                 [](const device::PortInfo& a, const device::PortInfo& b) {
                                     return a.name == b.name && a.usbSerial == b.usbSerial;
                                 });
    if (!same) {
        for (const device::PortInfo& port : m_ports)
            m_cards.remove(port.name);
        m_portGrid->clear();
        m_ports = std::move(ports);
        for (const device::PortInfo& port : m_ports) {
            const device::Board* guess = findBoard(port.boardGuess);
            const QString title = guess ? guess->name : port.description.isEmpty() ? port.name : port.description;
            const BoardCardData shown{port.name,
                                      title,
                                      port.name,
                                      QStringLiteral("usb"),
                                      guess ? guess->flashBytes : 0,
                                      guess ? guess->ramBytes : 0};
            auto* card = new BoardCard(shown, shown.flashBytes, shown.ramBytes, context().theme);
            connect(card, &BoardCard::chosen, this, &DevicesPage::select);
            connect(card, &BoardCard::buttonClicked, this, &DevicesPage::onCardButton);
            m_portGrid->addCard(card);
            m_cards.insert(port.name, card);
        }
    }
    m_noPorts->setText(listed ? tr("No serial port found. Plug a board in; it appears here by itself.")
                              : listed.error().message);
    m_noPorts->setVisible(m_ports.empty());
    m_portGrid->setVisible(!m_ports.empty());
    refreshCards();
}

bool DevicesPage::isConnected(const QString& key) const
{
    const DeviceSession& devices = context().devices;
    if (devices.state() == DeviceSession::State::Disconnected)
        return false;
    return devices.isEmulated() ? devices.boardId() == key : devices.address() == key;
}

void DevicesPage::refreshCards()
{
    using State = DeviceSession::State;
    const DeviceSession& devices = context().devices;
    for (auto entry = m_cards.begin(); entry != m_cards.end(); ++entry) {
        BoardCard* card = entry.value();
        card->setSelected(entry.key() == m_selected);
        const device::Board* board = findBoard(entry.key());
        if (isConnected(entry.key())) {
            const bool good = devices.state() == State::Streaming;
            const bool bad = devices.state() == State::Failed || devices.state() == State::LinkLost;
            card->setState(devices.stateText(), good ? "good" : bad ? "bad" : "warn");
            card->setButton(devices.state() == State::Failed ? (board ? tr("Start") : tr("Connect")) : tr("Disconnect"),
                            true);
            continue;
        }
        const QString missing = board ? device::missingTool(*board) : QString();
        if (!missing.isEmpty()) {
            card->setState(tr("Install the package %1 to run it").arg(missing), "warn");
            card->setButton({}, false);
            continue;
        }
        card->setState(board ? tr("Ready, no hardware needed") : tr("Not connected"), "muted");
        card->setButton(board ? tr("Start") : tr("Connect"), true);
    }
}

void DevicesPage::refreshInspector()
{
    const DeviceSession& devices = context().devices;
    const bool connected = devices.state() != DeviceSession::State::Disconnected;
    const device::Board* selected = findBoard(m_selected);
    QString title = connected ? devices.boardName() : selected ? selected->name : tr("No board connected");
    m_inspector->setTitle(title.replace(QLatin1Char('-'), QChar(kNonBreakingHyphen))); // "Cortex-M4F" is one word
    std::vector<Fact> facts;
    facts.push_back({tr("State"), connected ? devices.stateText() : tr("Not connected")});
    if (const auto& d = devices.description(); connected && d) {
        facts.push_back({tr("Board"), d->board});
        facts.push_back({tr("Firmware"), d->firmware});
        // Other people's firmware says none of this.
        if (d->format == QLatin1String(device::kAgentFormat)) {
            facts.push_back({tr("Build"), QString::fromLatin1(d->buildId.left(4).toHex())});
            facts.push_back({tr("Protocol"), QString::number(d->protocol)});
            facts.push_back({tr("Model"), d->model ? d->model->name : tr("none")});
            facts.push_back({tr("Can"), d->capabilities.join(QStringLiteral(", "))});
        } else if (devices.ledger().measuredRateHz > 0) {
            facts.push_back({tr("Measured rate"), formatHertz(devices.ledger().measuredRateHz)});
            facts.push_back({tr("Arrival jitter"), tr("%1 ms").arg(devices.ledger().jitterMs, 0, 'f', 2)});
            facts.push_back({tr("Bad lines"), formatCount(devices.ledger().badLines)});
        }
        facts.push_back({tr("Link"), devices.isEmulated() ? tr("emulator socket") : devices.address()});
    } else if (selected) {
        facts.push_back({tr("Core"), selected->cpu});
        facts.push_back({tr("Clock"), formatHertz(static_cast<double>(selected->clockHz))});
        facts.push_back({tr("Flash"), formatBytes(selected->flashBytes)});
        facts.push_back({tr("RAM"), formatBytes(selected->ramBytes)});
        facts.push_back({tr("Compiler"), selected->toolchain.family});
        if (selected->emulator)
            facts.push_back({tr("Emulator"), selected->emulator->program});
    }
    m_facts->setFacts(facts);

    std::vector<Fact> streams;
    if (const auto& d = devices.description(); connected && d) {
        for (const device::StreamDescription& stream : d->streams) {
            streams.push_back({stream.spec.name, formatHertz(stream.spec.rateHz)});
            for (const signal::Channel& channel : stream.spec.channels)
                streams.push_back({QStringLiteral("  ") + channel.name,
                                   channel.unit.isEmpty() ? tr("no unit") : formatUnit(channel.unit), "muted"});
        }
    }
    if (streams.empty())
        streams.push_back({connected ? tr("none described yet") : tr("shown when connected"), {}});
    m_streams->setFacts(streams);
}

void DevicesPage::refreshMainAction()
{
    using State = DeviceSession::State;
    const State state = context().devices.state();
    const bool idle = state == State::Disconnected || state == State::Failed;
    const device::Board* board = findBoard(m_selected);
    const bool startable = board && board->isEmulated() && device::missingTool(*board).isEmpty();
    m_main->setText(idle ? tr("Start board") : tr("Go to Capture"));
    m_main->setEnabled(!idle || startable);
    m_main->setToolTip(idle && board ? tr("Start %1 and connect to it").arg(board->name) : QString());
    m_disconnect->setEnabled(!idle);
}

void DevicesPage::refreshNotice()
{
    using State = DeviceSession::State;
    const DeviceSession& devices = context().devices;
    if (!notice().isNews(devices.boardName() + devices.stateText() + devices.error().message))
        return;
    if (devices.state() == State::Failed)
        notice().showError(devices.error());
    else if (devices.state() == State::LinkLost)
        notice().show(
            "warn",
            tr("The link to %1 is lost. It is opened again as soon as the board is back.").arg(devices.boardName()),
            tr("What was recorded until then is kept."), devices.error().toString());
    else
        notice().clear();
}

void DevicesPage::select(const QString& key)
{
    m_selected = key;
    refreshCards();
    refreshInspector();
    refreshMainAction();
    refreshFeedChoice();
}

void DevicesPage::onCardButton(const QString& key)
{
    select(key);
    if (isConnected(key) && context().devices.state() != DeviceSession::State::Failed) {
        context().devices.disconnectBoard();
        return;
    }
    if (findBoard(key)) {
        startBoard(key);
        return;
    }
    connectPort(key);
}

void DevicesPage::connectPort(const QString& name)
{
    for (const device::PortInfo& port : m_ports) {
        if (port.name == name)
            context().devices.connectTo(port.name, port.description.isEmpty() ? port.name : port.description,
                                        m_format->chosenFormat());
    }
    const bool listed = std::any_of(m_ports.begin(), m_ports.end(),
                                    [&name](const device::PortInfo& port) { return port.name == name; });
    if (!listed)
        context().devices.connectTo(name, name, m_format->chosenFormat());
}

void DevicesPage::startBoard(const QString& id)
{
    const device::Board* board = findBoard(id.isEmpty() ? m_selected : id);
    if (!board || !board->isEmulated()) {
        notice().show("bad", tr("There is no emulated board '%1'.").arg(id));
        return;
    }
    select(board->id);
    context().settings.set(kLastBoard, board->id);
    context().devices.startEmulated(*board, m_feed->file(),
                                    board->emulator->secondSensor ? m_secondFeed->file() : QString());
}

void DevicesPage::activated()
{
    refreshPorts();
    m_portTimer.start();
}

void DevicesPage::deactivated()
{
    m_portTimer.stop();
}

} // namespace ember::gui

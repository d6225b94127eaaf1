// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/device/board.h"

#include "core/base/process.h"
#include "core/base/resources.h"

#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QLoggingCategory>
#include <QRegularExpression>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

namespace ember::device {
namespace {

Q_LOGGING_CATEGORY(lcBoards, "ember.device.boards")

// A board file is a page of text; anything longer is something else.
constexpr qint64 kMaxFileBytes = 256 * 1024;
constexpr double kMaxMemoryBytes = 4.0 * 1024 * 1024 * 1024;
constexpr double kMaxClockHz = 10e9;

/// Reads typed values of one JSON object and remembers the first thing that is wrong, so that reading code stays a list
/// of fields.
class Fields
{
public:
    Fields(QJsonObject object, QString prefix)
        : m_object(std::move(object))
        , m_prefix(std::move(prefix))
    {}

    QString text(const char* key, bool required = false)
    {
        const QJsonValue value = get(key, required);
        if (!value.isUndefined() && !value.isString())
            fail(key, QStringLiteral("is not a text"));
        else if (required && value.toString().isEmpty())
            fail(key, QStringLiteral("is empty"));
        return value.toString();
    }

    /// A whole number from 1 to `most`; required.
    qint64 count(const char* key, double most)
    {
        const QJsonValue value = get(key, true);
        const double number = value.toDouble(-1);
        if (number < 1 || number > most || number != std::floor(number)) {
            fail(key, QStringLiteral("is not a whole number from 1 to %1").arg(most, 0, 'f', 0));
            return 0;
        }
        return static_cast<qint64>(number);
    }

    bool flag(const char* key)
    {
        const QJsonValue value = get(key, false);
        if (!value.isUndefined() && !value.isBool())
            fail(key, QStringLiteral("is neither true nor false"));
        return value.toBool();
    }

    std::optional<double> positive(const char* key)
    {
        const QJsonValue value = get(key, false);
        if (value.isUndefined())
            return {};
        if (!(value.toDouble(-1) > 0))
            fail(key, QStringLiteral("is not a number above zero"));
        return value.toDouble();
    }

    QStringList texts(const char* key)
    {
        const QJsonValue value = get(key, false);
        QStringList list;
        if (!value.isUndefined() && !value.isArray())
            fail(key, QStringLiteral("is not a list"));
        for (const QJsonValue& item : value.toArray()) {
            if (!item.isString())
                fail(key, QStringLiteral("holds something that is not a text"));
            list << item.toString();
        }
        return list;
    }

    /// One of the words, by its place in the list; the first where the key is missing.
    int choice(const char* key, const QStringList& words)
    {
        const QString word = text(key);
        const auto found = static_cast<int>(words.indexOf(word));
        if (found < 0 && !word.isEmpty())
            fail(key, QStringLiteral("is '%1', not one of %2").arg(word, words.join(QStringLiteral(", "))));
        return std::max(found, 0);
    }

    QJsonObject object(const char* key)
    {
        const QJsonValue value = get(key, false);
        if (!value.isUndefined() && !value.isObject())
            fail(key, QStringLiteral("is not an object"));
        return value.toObject();
    }

    QJsonArray array(const char* key)
    {
        const QJsonValue value = get(key, false);
        if (!value.isUndefined() && !value.isArray())
            fail(key, QStringLiteral("is not a list"));
        return value.toArray();
    }

    void fail(const char* key, const QString& what)
    {
        if (m_problem.isEmpty())
            m_problem = QStringLiteral("'%1%2' %3").arg(m_prefix, QLatin1String(key), what);
    }
    void take(const Fields& child)
    {
        if (m_problem.isEmpty())
            m_problem = child.m_problem;
    }
    const QString& problem() const { return m_problem; }

private:
    QJsonValue get(const char* key, bool required)
    {
        const QJsonValue value = m_object.value(QLatin1String(key));
        if (required && value.isUndefined())
            fail(key, QStringLiteral("is missing"));
        return value;
    }

    QJsonObject m_object;
    QString m_prefix;
    QString m_problem;
};

BoardToolchain readToolchain(Fields& parent)
{
    const QJsonObject json = parent.object("toolchain");
    Fields fields(json, QStringLiteral("toolchain."));
    BoardToolchain toolchain;
    toolchain.family = fields.text("family");
    toolchain.package = fields.text("package");
    toolchain.flags = fields.texts("flags");
    if (json.contains(QLatin1String("speed_flags")))
        toolchain.speedFlags = fields.texts("speed_flags");
    parent.take(fields);
    return toolchain;
}

BoardFirmware readFirmware(Fields& parent)
{
    BoardFirmware firmware;
    firmware.json = parent.object("firmware");
    Fields fields(firmware.json, QStringLiteral("firmware."));
    firmware.port = fields.text("port");
    firmware.linkerScript = fields.text("linker_script");
    const QJsonObject defines = fields.object("defines");
    for (auto it = defines.begin(); it != defines.end(); ++it) {
        if (!it.value().isString())
            fields.fail("defines", QStringLiteral("holds something that is not a text"));
        firmware.defines.emplace_back(it.key(), it.value().toString());
    }
    parent.take(fields);
    return firmware;
}

std::optional<BoardEmulator> readEmulator(Fields& parent)
{
    const QJsonObject json = parent.object("emulator");
    if (json.isEmpty())
        return {};
    Fields fields(json, QStringLiteral("emulator."));
    BoardEmulator emulator;
    emulator.program = fields.text("program", true);
    emulator.package = fields.text("package", true);
    emulator.machine = fields.text("machine", true);
    emulator.counts = fields.text("counts");
    emulator.link =
        static_cast<BoardEmulator::Link>(fields.choice("link", {QStringLiteral("socket"), QStringLiteral("pipe")}));
    emulator.sensor =
        static_cast<BoardEmulator::Sensor>(fields.choice("sensor", {QStringLiteral("uart"), QStringLiteral("inject")}));
    if (emulator.sensor == BoardEmulator::Sensor::Inject && emulator.link != BoardEmulator::Link::Pipe)
        fields.fail("sensor", QStringLiteral("is 'inject', which needs \"link\": \"pipe\""));
    emulator.arguments = fields.texts("arguments");
    emulator.sensorArguments = fields.texts("sensor_arguments");
    emulator.secondSensor = fields.flag("second_sensor");
    if (emulator.secondSensor && emulator.sensor == BoardEmulator::Sensor::Inject)
        fields.fail("second_sensor", QStringLiteral("is true, but rows that come over the link make one stream only"));
    emulator.secondSensorArguments = fields.texts("second_sensor_arguments");
    emulator.speedArguments = fields.texts("speed_arguments");
    emulator.countingArguments = fields.texts("counting_arguments");
    emulator.programmerArguments = fields.texts("programmer_arguments");
    emulator.bootloader = fields.text("bootloader");
    parent.take(fields);
    return emulator;
}

/// USB ids are written as people read them: {"vid": "0x2341", "pid": "0x0043"}.
quint16 hexId(Fields& fields, const char* key)
{
    bool ok = false;
    const uint value = fields.text(key, true).toUInt(&ok, 0);
    if (!ok || value > std::numeric_limits<quint16>::max())
        fields.fail(key, QStringLiteral("is not a number like \"0x2341\""));
    return static_cast<quint16>(value);
}

std::optional<quint32> readAddress(Fields& fields, const char* key)
{
    const QString text = fields.text(key);
    if (text.isEmpty())
        return {};
    bool ok = false;
    const quint32 address = text.toUInt(&ok, 0);
    if (!ok)
        fields.fail(key, QStringLiteral("is not an address like \"0x08000000\""));
    return address;
}

std::vector<UsbId> readUsbIds(Fields& parent)
{
    std::vector<UsbId> ids;
    for (const QJsonValue& item : parent.array("usb")) {
        Fields fields(item.toObject(), QStringLiteral("usb."));
        ids.push_back({hexId(fields, "vid"), hexId(fields, "pid")});
        parent.take(fields);
    }
    return ids;
}

Result<Board> boardFromJson(const QJsonObject& json)
{
    Fields fields(json, {});
    Board board;
    board.id = fields.text("id", true);
    board.name = fields.text("name", true);
    board.cpu = fields.text("cpu", true);
    board.clockHz = fields.count("clock_hz", kMaxClockHz);
    board.flashBytes = fields.count("flash_bytes", kMaxMemoryBytes);
    board.ramBytes = fields.count("ram_bytes", kMaxMemoryBytes);
    board.flashOrigin = readAddress(fields, "flash_origin");
    board.fpu = fields.flag("fpu");
    board.dsp = fields.flag("dsp");
    board.toolchain = readToolchain(fields);
    board.firmware = readFirmware(fields);
    Fields upload(fields.object("upload"), QStringLiteral("upload."));
    board.upload.method = upload.text("method");
    board.upload.options = fields.object("upload");
    fields.take(upload);
    board.emulator = readEmulator(fields);
    board.usbIds = readUsbIds(fields);
    board.activeMilliamps = fields.positive("active_ma");
    board.sleepMicroamps = fields.positive("sleep_ua");
    board.supplyVolts = fields.positive("supply_v");
    board.currentSource = fields.text("current_source");
    if (board.currentSource.isEmpty() && (board.activeMilliamps || board.sleepMicroamps))
        fields.fail("current_source",
                    QStringLiteral("is missing: it says which data sheet or measurement the currents are from"));

    // The id becomes part of paths, so it cannot be just anything.
    static const QRegularExpression idPattern(QStringLiteral("^[a-z0-9][a-z0-9_-]{0,63}$"));
    if (fields.problem().isEmpty() && !idPattern.match(board.id).hasMatch())
        fields.fail("id", QStringLiteral("has characters other than a-z, 0-9, '-' and '_'"));
    if (!fields.problem().isEmpty())
        return Error(ErrorKind::BadData, fields.problem());
    return board;
}

QStringList jsonFilesIn(const QString& folder)
{
    QStringList paths;
    for (const QFileInfo& info : QDir(folder).entryInfoList({QStringLiteral("*.json")}, QDir::Files, QDir::Name))
        paths << info.absoluteFilePath();
    return paths;
}

} // namespace

Result<Board> readBoardFile(const QString& path)
{
    const auto bad = [&path](const QString& why) {
        return Error(
            ErrorKind::BadData, QStringLiteral("The board file '%1' cannot be used: %2.").arg(path, why),
            QStringLiteral("Compare it with a file of the installation; docs and resources/boards show the keys."));
    };
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return Error(ErrorKind::Io,
                     QStringLiteral("The board file '%1' cannot be read: %2.").arg(path, file.errorString()));
    if (file.size() > kMaxFileBytes)
        return bad(QStringLiteral("it is far too long"));
    QJsonParseError parse;
    const QJsonDocument document = QJsonDocument::fromJson(file.readAll(), &parse);
    if (!document.isObject())
        return bad(QStringLiteral("not a JSON object (%1 at byte %2)").arg(parse.errorString()).arg(parse.offset));
    auto board = boardFromJson(document.object());
    if (!board)
        return bad(board.error().message);
    board->file = path;
    return board;
}

Result<BoardRegistry> loadBoardRegistry()
{
    EMBER_TRY(const QString shipped, resourcePath(QStringLiteral("boards")));
    BoardRegistry registry;
    QStringList files = jsonFilesIn(shipped);
    if (const auto own = stateDirectory(QStringLiteral("boards.d")))
        files += jsonFilesIn(*own);
    else
        registry.problems.push_back(own.error());

    std::map<QString, Board> byId; // a later file, the user's, takes the place of an earlier one
    for (const QString& path : std::as_const(files)) {
        if (auto board = readBoardFile(path))
            byId.insert_or_assign(board->id, *board);
        else
            registry.problems.push_back(board.error());
    }
    for (auto& [id, board] : byId)
        registry.boards.push_back(std::move(board));
    if (registry.boards.empty())
        return Error(ErrorKind::NotFound, QStringLiteral("There is no usable board file in '%1'.").arg(shipped),
                     QStringLiteral("Reinstall, or set EMBERLAB_RESOURCES to the folder that holds boards/."));
    return registry;
}

Result<std::vector<Board>> loadBoards()
{
    EMBER_TRY(BoardRegistry registry, loadBoardRegistry());
    for (const Error& problem : registry.problems)
        qCWarning(lcBoards).noquote() << problem.message;
    return std::move(registry.boards);
}

Result<Board> findBoard(const QString& id)
{
    EMBER_TRY(const BoardRegistry registry, loadBoardRegistry());
    QStringList known;
    for (const Board& board : registry.boards) {
        if (board.id == id)
            return board;
        known << board.id;
    }
    return Error(ErrorKind::Usage, QStringLiteral("There is no board '%1'.").arg(id),
                 QStringLiteral("Known boards: %1.").arg(known.join(QStringLiteral(", "))));
}

QString missingTool(const Board& board)
{
    if (!board.emulator || programExists(board.emulator->program))
        return {};
    return board.emulator->package;
}

} // namespace ember::device

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/base/process.h"
#include "core/codegen/bundle/bundle.h"
#include "core/codegen/bundle/zip_archive.h"
#include "core/model/model_file.h"
#include "tests/support/program.h"

#include <QCryptographicHash>
#include <QDir>
#include <QElapsedTimer>
#include <QFile>
#include <QFileInfo>
#include <QJsonArray>
#include <QLocalSocket>
#include <QTemporaryDir>
#include <QTest>
#include <QXmlStreamReader>

using namespace ember;
using codegen::BundleKind;
using codegen::bundleKindName;
using codegen::bundleKinds;
using codegen::filesOfZip;
using codegen::GeneratedFile;
using codegen::zipOf;
using namespace ember::test;

namespace {

constexpr int kTimeoutMs = 300'000;
const QString kArduino = QStringLiteral("/usr/share/arduino/hardware/arduino/avr");

QString data(const char* name)
{
    return QStringLiteral(EMBERLAB_TEST_DATA "/models/") + QLatin1String(name);
}

QByteArray bytesOf(const QString& path)
{
    QFile file(path);
    return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
}

bool write(const QString& path, const QByteArray& bytes)
{
    QDir().mkpath(QFileInfo(path).path());
    QFile file(path);
    return file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size();
}

Result<ProcessOutcome> run(const QString& program, const QStringList& arguments, const QString& folder = {})
{
    ProcessRequest request;
    request.program = program;
    request.arguments = arguments;
    request.workingDirectory = folder;
    request.timeoutMs = kTimeoutMs;
    return runProcessChecked(request);
}

/// A forest of whole numbers, or a perceptron in float32.
struct Model
{
    const char* file;
    QStringList options;
};

Model forest()
{
    return {"digits_dt8.onnx", {QStringLiteral("--feature-type"), QStringLiteral("int8")}};
}

Model perceptron()
{
    return {"digits_mlp.onnx", {}};
}

} // namespace

/// Bundles as their users take them: unpacked, compiled by the tools they are for, and run.
class TestBundle : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void initTestCase() { QVERIFY(m_folder.isValid()); }

    void archivesGiveBackWhatWentIn()
    {
        const std::vector<GeneratedFile> files = {{QStringLiteral("a.txt"), "one"},
                                                  {QStringLiteral("deep/er/ä.bin"), QByteArray(70'000, '\0')},
                                                  {QStringLiteral("empty"), {}}};
        const QByteArray archive = zipOf(files).value();
        const auto again = filesOfZip(archive);
        QVERIFY(again);
        QCOMPARE(again->size(), files.size());
        for (std::size_t i = 0; i < files.size(); ++i) {
            QCOMPARE((*again)[i].path, files[i].path);
            QCOMPARE((*again)[i].bytes, files[i].bytes);
        }
        // Another program's opinion.
        if (programExists(QStringLiteral("python3"))) {
            const QString path = m_folder.filePath(QStringLiteral("plain.zip"));
            QVERIFY(write(path, archive));
            const auto tested = run(QStringLiteral("python3"),
                                    {QStringLiteral("-m"), QStringLiteral("zipfile"), QStringLiteral("-t"), path});
            QVERIFY2(tested, tested ? "" : qPrintable(tested.error().toString()));
        }
        for (const char* path : {"/etc/passwd", "../up", "a/../b", "", "c:\\x", "a//b"})
            QVERIFY2(!zipOf({{QString::fromLatin1(path), "x"}}), path);
        QVERIFY(!zipOf({{QStringLiteral("twice"), "1"}, {QStringLiteral("twice"), "2"}}));
    }

    /// Any byte may be anything: an error, or the files that went in, never more.
    void damagedArchivesAreRefused()
    {
        const QByteArray archive =
            zipOf({{QStringLiteral("a.txt"), "some text"}, {QStringLiteral("b/c"), "more"}}).value();
        for (qsizetype cut = 0; cut < archive.size(); ++cut)
            QVERIFY(!filesOfZip(archive.left(cut)));
        int refused = 0;
        for (qsizetype at = 0; at < archive.size(); ++at) {
            for (const int value : {0x00, 0x2E, 0x2F, 0x7F, 0xFF}) {
                QByteArray other = archive;
                other[at] = static_cast<char>(value);
                const auto files = filesOfZip(other);
                if (!files) {
                    ++refused;
                    continue;
                }
                for (const GeneratedFile& file : *files) {
                    QVERIFY(file.bytes == "some text" || file.bytes == "more" || file.bytes.isEmpty());
                    QVERIFY(!file.path.startsWith(u'/') && !file.path.split(u'/').contains(QStringLiteral("..")));
                }
            }
        }
        QVERIFY(refused > archive.size());
    }

    void everyKindIsWholeAndTheSameAgain_data()
    {
        QTest::addColumn<QString>("kind");
        for (const BundleKind kind : bundleKinds()) {
            if (kind != BundleKind::Firmware) // needs a compiler; has a test of its own
                QTest::newRow(qPrintable(bundleKindName(kind))) << bundleKindName(kind);
        }
    }
    void everyKindIsWholeAndTheSameAgain()
    {
        QFETCH(QString, kind);
        const QByteArray once = bundle(forest(), QStringLiteral("arduino-uno"), kind);
        const QByteArray again = bundle(forest(), QStringLiteral("arduino-uno"), kind);
        QVERIFY(!once.isEmpty());
        QCOMPARE(once, again);
        const auto files = filesOfZip(once);
        QVERIFY(files);
        const QString root = kind == QLatin1String("arduino") ? QStringLiteral("digits_dt8/") : QString();
        QStringList paths;
        for (const GeneratedFile& file : *files)
            paths << file.path;
        for (const char* name :
             {"README.md", "MODEL_CARD.md", "model_card.json", "sbom.cdx.json", "LICENSES/MIT-0.txt"})
            QVERIFY2(paths.contains(root + QLatin1String(name)), name);

        QCOMPARE(files->back().path, root + QStringLiteral("manifest.json"));
        const QJsonArray listed =
            QJsonDocument::fromJson(files->back().bytes).object().value(QStringLiteral("files")).toArray();
        QCOMPARE(static_cast<std::size_t>(listed.size()) + 1, files->size());
        for (std::size_t i = 0; i + 1 < files->size(); ++i) {
            const GeneratedFile& file = (*files)[i];
            const QJsonObject entry = listed[static_cast<qsizetype>(i)].toObject();
            QCOMPARE(entry.value(QStringLiteral("path")).toString(), file.path);
            QCOMPARE(entry.value(QStringLiteral("sha256")).toString().toLatin1(),
                     QCryptographicHash::hash(file.bytes, QCryptographicHash::Sha256).toHex());
            QVERIFY2(!file.bytes.contains("@name@") && !file.bytes.contains("@NAME@"), qPrintable(file.path));
            QVERIFY2(!file.bytes.contains(QDir::homePath().toUtf8()), qPrintable(file.path));
            if (file.path.endsWith(QLatin1String(".pdsc")))
                namesOnlyWhatIsThere(file.bytes, paths);
        }
    }

    void aFileThatTheManifestDoesNotNameIsNotFlashed()
    {
        const QByteArray readme = "read me";
        const QJsonObject entry{
            {QStringLiteral("path"), QStringLiteral("README.md")},
            {QStringLiteral("sha256"),
             QString::fromLatin1(QCryptographicHash::hash(readme, QCryptographicHash::Sha256).toHex())}};
        const QJsonObject manifest{{QStringLiteral("board"), QStringLiteral("mps2-an386")},
                                   {QStringLiteral("files"), QJsonArray{entry, entry}}};
        const auto archive = zipOf({{QStringLiteral("README.md"), readme},
                                    {QStringLiteral("firmware.elf"), "an image that nobody vouches for"},
                                    {QStringLiteral("manifest.json"), QJsonDocument(manifest).toJson()}});
        QVERIFY(archive);
        const auto image = codegen::firmwareOfBundle(*archive, QStringLiteral("mps2-an386"));
        QVERIFY(!image);
        QVERIFY2(image.error().message.contains(QStringLiteral("twice")), qPrintable(image.error().toString()));
    }

    void theCardSaysWhatIsKnownAndWhereFrom()
    {
        const QString folder = unpacked(forest(), QStringLiteral("mps2-an386"), QStringLiteral("cmake"));
        const QJsonObject card = QJsonDocument::fromJson(bytesOf(folder + QStringLiteral("/model_card.json"))).object();
        const QString file = data("digits_dt8.onnx");
        QCOMPARE(card.value(QStringLiteral("model_hash")).toString(),
                 model::fileHash(file, model::loadModel(file).value()).value());
        QCOMPARE(card.value(QStringLiteral("classes")).toArray().size(), 10);
        QVERIFY(card.value(QStringLiteral("limits")).toArray().size() >= 3);
        const QJsonArray costs = card.value(QStringLiteral("costs")).toArray();
        QCOMPARE(costs.size(), 1);
        QCOMPARE(costs.first()[QStringLiteral("source")].toString(), QStringLiteral("estimated"));
        const QJsonObject bom = QJsonDocument::fromJson(bytesOf(folder + QStringLiteral("/sbom.cdx.json"))).object();
        QCOMPARE(bom.value(QStringLiteral("bomFormat")).toString(), QStringLiteral("CycloneDX"));
        QStringList parts;
        for (const QJsonValue& part : bom.value(QStringLiteral("components")).toArray())
            parts << part[QStringLiteral("name")].toString();
        QVERIFY(parts.contains(QStringLiteral("src/ember/forest.hpp")));
    }

    void cmakeBundlesPassOnThisComputer_data() { someModels(); }
    void cmakeBundlesPassOnThisComputer()
    {
        QFETCH(bool, isForest);
        const QString folder =
            unpacked(isForest ? forest() : perceptron(), QStringLiteral("mps2-an386"), QStringLiteral("cmake"));
        const auto configured = run(QStringLiteral("cmake"),
                                    {QStringLiteral("-GNinja"), QStringLiteral("-B"), QStringLiteral("build"),
                                     QStringLiteral("-DCMAKE_CXX_FLAGS=-Wall -Wextra -Wconversion "
                                                    "-Wshadow -Werror")},
                                    folder);
        QVERIFY2(configured, configured ? "" : qPrintable(configured.error().toString()));
        const auto built = run(QStringLiteral("cmake"), {QStringLiteral("--build"), QStringLiteral("build")}, folder);
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        const QString name = isForest ? QStringLiteral("digits_dt8") : QStringLiteral("digits_mlp");
        const auto said = run(folder + QStringLiteral("/build/%1_self_test").arg(name), {});
        QVERIFY2(said, said ? "" : qPrintable(said.error().toString()));
        QVERIFY2(said->standardOutput.contains("PASSED: 16 vectors, 16 exact, 0 wrong"),
                 said->standardOutput.constData());
    }

    /// A self-test that cannot fail proves nothing.
    void aChangedAnswerIsFound()
    {
        const QString folder = unpacked(forest(), QStringLiteral("mps2-an386"), QStringLiteral("cmake"));
        const QString path = folder + QStringLiteral("/src/digits_dt8_self_test.cpp");
        QByteArray source = bytesOf(path);
        const qsizetype end = source.indexOf("\n};");
        const qsizetype last =
            source.lastIndexOf(", ", end) < 0 ? end : source.lastIndexOf(' ', source.lastIndexOf(',', end - 1) - 1);
        QVERIFY(last > 0);
        // The last two bytes are the class of the last vector; its low byte becomes one that no class has.
        const QByteArray lowByte = source.mid(last + 1, source.indexOf(',', last) - last - 1);
        source.replace(last + 1, lowByte.size(), "99");
        QVERIFY(write(path, source));
        const QString program = m_folder.filePath(QStringLiteral("changed"));
        const auto built = run(QStringLiteral("g++"),
                               {QStringLiteral("-std=c++14"), QStringLiteral("-Isrc"), QStringLiteral("self_test.cpp"),
                                QStringLiteral("src/digits_dt8.cpp"), QStringLiteral("src/digits_dt8_self_test.cpp"),
                                QStringLiteral("-o"), program},
                               folder);
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        ProcessRequest request;
        request.program = program;
        const auto said = runProcess(request);
        QVERIFY(said);
        QCOMPARE(said->exitCode, 1);
        QVERIFY2(said->standardOutput.contains("FAILED: 16 vectors, 15 exact, 1 wrong"),
                 said->standardOutput.constData());
    }

    void cmakeBundlesPassOnAnEmulatedBoard_data() { someModels(); }
    void cmakeBundlesPassOnAnEmulatedBoard()
    {
        QFETCH(bool, isForest);
        for (const char* tool : {"arm-none-eabi-g++", "qemu-system-arm"}) {
            if (!programExists(QLatin1String(tool)))
                QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(QLatin1String(tool))));
        }
        const QString folder =
            unpacked(isForest ? forest() : perceptron(), QStringLiteral("mps2-an386"), QStringLiteral("cmake"));
        // Start-up code is the user's: the vectors that the core reads, its floating point, and newlib over
        // semihosting.
        QVERIFY(write(folder + QStringLiteral("/start.cpp"),
                      "#include <stdint.h>\nextern \"C\" void _start();\n"
                      "extern \"C\" void reset() { *reinterpret_cast<volatile uint32_t*>(0xE000ED88u) |= 0xFu << 20; "
                      "_start(); }\n"
                      "extern \"C\" __attribute__((section(\".vectors\"), used)) void (*const vectors[2])() = {\n"
                      "    reinterpret_cast<void (*)()>(0x20400000u), reset};\n"));
        const QStringList core = {QStringLiteral("-mcpu=cortex-m4"), QStringLiteral("-mthumb"),
                                  QStringLiteral("-mfpu=fpv4-sp-d16"), QStringLiteral("-mfloat-abi=hard")};
        const auto start = run(QStringLiteral("arm-none-eabi-g++"),
                               core + QStringList{QStringLiteral("-c"), QStringLiteral("start.cpp"),
                                                  QStringLiteral("-o"), QStringLiteral("start.o")},
                               folder);
        QVERIFY2(start, start ? "" : qPrintable(start.error().toString()));
        const auto configured = run(
            QStringLiteral("cmake"),
            {QStringLiteral("-GNinja"), QStringLiteral("-B"), QStringLiteral("build"),
             QStringLiteral("-DCMAKE_SYSTEM_NAME=Generic"), QStringLiteral("-DCMAKE_C_COMPILER=arm-none-eabi-gcc"),
             QStringLiteral("-DCMAKE_CXX_COMPILER=arm-none-eabi-g++"),
             QStringLiteral("-DCMAKE_TRY_COMPILE_TARGET_TYPE=STATIC_LIBRARY"),
             QStringLiteral("-DCMAKE_CXX_FLAGS=") + core.join(QLatin1Char(' ')),
             QStringLiteral("-DCMAKE_C_FLAGS=") + core.join(QLatin1Char(' ')),
             QStringLiteral("-DCMAKE_EXE_LINKER_FLAGS=--specs=rdimon.specs -Wl,--section-start=.vectors=0 %1/start.o")
                 .arg(folder)},
            folder);
        QVERIFY2(configured, configured ? "" : qPrintable(configured.error().toString()));
        const auto built = run(QStringLiteral("cmake"), {QStringLiteral("--build"), QStringLiteral("build")}, folder);
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        const QString name = isForest ? QStringLiteral("digits_dt8") : QStringLiteral("digits_mlp");
        const auto said =
            run(QStringLiteral("qemu-system-arm"),
                {QStringLiteral("-M"), QStringLiteral("mps2-an386"), QStringLiteral("-display"), QStringLiteral("none"),
                 QStringLiteral("-monitor"), QStringLiteral("none"), QStringLiteral("-serial"), QStringLiteral("null"),
                 QStringLiteral("-semihosting-config"), QStringLiteral("enable=on,target=native"),
                 QStringLiteral("-kernel"), folder + QStringLiteral("/build/%1_self_test").arg(name)});
        QVERIFY2(said, said ? "" : qPrintable(said.error().toString()));
        const QByteArray text = said->standardOutput + said->standardError;
        QVERIFY2(text.contains("PASSED: 16 vectors, 16 exact, 0 wrong"), text.constData());
    }

    /// The library with its example sketch, compiled as Arduino's tools do, on the emulated Uno.
    void arduinoBundlesPassOnAnUno()
    {
        const QString emulator = QFileInfo(programPath()).dir().filePath(QStringLiteral("emberlab-uno"));
        if (!QFile::exists(emulator) || !programExists(QStringLiteral("avr-g++")) || !QFile::exists(kArduino))
            QSKIP("emberlab-uno, gcc-avr or arduino-core-avr is missing");
        const QString folder = unpacked(forest(), QStringLiteral("arduino-uno"), QStringLiteral("arduino"));
        const QString library = folder + QStringLiteral("/digits_dt8");
        const QString image = buildSketch(library, QStringLiteral("SelfTest"));
        QVERIFY(!image.isEmpty());
        QVERIFY(!buildSketch(library, QStringLiteral("Classify")).isEmpty());

        const QString socketPath = m_folder.filePath(QStringLiteral("uno"));
        QProcess uno;
        uno.start(emulator, {QStringLiteral("--socket"), socketPath, image});
        QVERIFY(uno.waitForStarted());
        QLocalSocket socket;
        // It prints every two seconds of its time.
        const auto connected = [&] {
            socket.abort();
            socket.connectToServer(socketPath);
            return socket.waitForConnected(1000);
        };
        QTRY_VERIFY_WITH_TIMEOUT(connected(), kTimeoutMs);
        QByteArray said;
        QElapsedTimer waiting;
        waiting.start();
        while (!said.contains("wrong\r\n") && waiting.elapsed() < kTimeoutMs && socket.waitForReadyRead(kTimeoutMs))
            said += socket.readAll();
        uno.kill();
        uno.waitForFinished();
        QVERIFY2(said.contains(" vectors, ") && said.contains("exact, 0 wrong"), said.constData());
        QVERIFY2(said.contains("PASSED"), said.constData());
    }

    void firmwareBundlesAreFlashedAndBuiltAgain()
    {
        for (const char* tool : {"arm-none-eabi-g++", "qemu-system-arm"}) {
            if (!programExists(QLatin1String(tool)))
                QSKIP(qPrintable(QStringLiteral("%1 is not installed").arg(QLatin1String(tool))));
        }
        const QString board = QStringLiteral("mps2-an386");
        const QString folder = unpacked(forest(), board, QStringLiteral("firmware"));
        const QString archive = folder + QStringLiteral(".zip");
        QCOMPARE(bundle(forest(), board, QStringLiteral("firmware")), bytesOf(archive));
        const ProgramRun flashed =
            runJson({QStringLiteral("flash"), QStringLiteral("--board"), board, QStringLiteral("--bundle"), archive});
        QVERIFY2(flashed.exitCode == 0, flashed.said());
        QCOMPARE(flashed.result().value(QStringLiteral("verified")).toBool(), true);
        const ProgramRun other = runJson({QStringLiteral("flash"), QStringLiteral("--board"),
                                          QStringLiteral("mps2-an385"), QStringLiteral("--bundle"), archive});
        QVERIFY2(other.exitCode == 2, other.said());
        QVERIFY(write(archive, bytesOf(archive).replace("MIT No Attribution", "MIT no attribution")));
        const ProgramRun damaged =
            runJson({QStringLiteral("flash"), QStringLiteral("--board"), board, QStringLiteral("--bundle"), archive});
        QVERIFY2(damaged.exitCode == 1, damaged.said());

        const auto configured = run(QStringLiteral("cmake"),
                                    {QStringLiteral("-GNinja"), QStringLiteral("-B"), QStringLiteral("build"),
                                     QStringLiteral("-DCMAKE_TOOLCHAIN_FILE=toolchain.cmake")},
                                    folder);
        QVERIFY2(configured, configured ? "" : qPrintable(configured.error().toString()));
        const auto built = run(QStringLiteral("cmake"), {QStringLiteral("--build"), QStringLiteral("build")}, folder);
        QVERIFY2(built, built ? "" : qPrintable(built.error().toString()));
        const ProgramRun again = runJson({QStringLiteral("flash"), QStringLiteral("--board"), board,
                                          QStringLiteral("--elf"), folder + QStringLiteral("/build/firmware.elf")});
        QVERIFY2(again.exitCode == 0, again.said());
        QCOMPARE(again.result().value(QStringLiteral("verified")).toBool(), true);
    }

private:
    static void someModels()
    {
        QTest::addColumn<bool>("isForest");
        QTest::newRow("forest in int8") << true;
        QTest::newRow("perceptron in float32") << false;
    }

    static void namesOnlyWhatIsThere(const QByteArray& pdsc, const QStringList& paths)
    {
        QXmlStreamReader xml(pdsc);
        int files = 0;
        while (!xml.atEnd()) {
            if (xml.readNext() != QXmlStreamReader::StartElement || xml.name() != QLatin1String("file"))
                continue;
            ++files;
            const QString name = xml.attributes().value(QStringLiteral("name")).toString();
            QVERIFY2(name == QLatin1String("src/") || paths.contains(name), qPrintable(name));
        }
        QVERIFY2(!xml.hasError(), qPrintable(xml.errorString()));
        QVERIFY(files > 4);
    }

    /// The bytes of a bundle that the program wrote just now; empty with the reason in the log when it did not.
    QByteArray bundle(const Model& model, const QString& board, const QString& kind)
    {
        const QString path = m_folder.filePath(QStringLiteral("bundle-%1").arg(++m_count));
        const ProgramRun made =
            runJson(QStringList{QStringLiteral("bundle"), data(model.file), QStringLiteral("--target"), board,
                                QStringLiteral("--kind"), kind, QStringLiteral("--out"), path,
                                QStringLiteral("--input"), inputs()} +
                    model.options);
        if (made.exitCode != 0)
            qWarning("%s", made.said().constData());
        const QByteArray bytes = bytesOf(path);
        const QByteArray hash = QCryptographicHash::hash(bytes, QCryptographicHash::Sha256).toHex();
        return hash == made.result().value(QStringLiteral("sha256")).toString().toLatin1() ? bytes : QByteArray();
    }

    /// Sixteen rows of the digits.
    QString inputs()
    {
        const QString path = m_folder.filePath(QStringLiteral("rows.npy"));
        if (!QFile::exists(path)) {
            // The same header with another number of rows of the same length, so that the data begin where they did.
            QByteArray all = bytesOf(data("digits_test_X_int32.npy"));
            const qsizetype begin = 10 + static_cast<uchar>(all[8]) + 256 * static_cast<uchar>(all[9]);
            all.replace("(450, 64)", "(16, 64) ");
            all.truncate(begin + 16 * 64 * 4);
            write(path, all);
        }
        return path;
    }

    QString unpacked(const Model& model, const QString& board, const QString& kind)
    {
        const QByteArray archive = bundle(model, board, kind);
        const QString folder = m_folder.filePath(QStringLiteral("unpacked-%1").arg(m_count));
        write(folder + QStringLiteral(".zip"), archive);
        for (const GeneratedFile& file : filesOfZip(archive).value_or(std::vector<GeneratedFile>{}))
            write(folder + QLatin1Char('/') + file.path, file.bytes);
        return folder;
    }

    /// The linked sketch; empty when it does not compile.
    QString buildSketch(const QString& library, const QString& example)
    {
        const QString folder = m_folder.filePath(example);
        QDir().mkpath(folder);
        const QStringList flags = {QStringLiteral("-mmcu=atmega328p"),
                                   QStringLiteral("-DF_CPU=16000000L"),
                                   QStringLiteral("-DARDUINO=10819"),
                                   QStringLiteral("-DARDUINO_AVR_UNO"),
                                   QStringLiteral("-DARDUINO_ARCH_AVR"),
                                   QStringLiteral("-DDECIMAL_DIG=__DECIMAL_DIG__"),
                                   QStringLiteral("-Os"),
                                   QStringLiteral("-ffunction-sections"),
                                   QStringLiteral("-fdata-sections"),
                                   QStringLiteral("-I") + kArduino + QStringLiteral("/cores/arduino"),
                                   QStringLiteral("-I") + kArduino + QStringLiteral("/variants/standard")};
        const QStringList cxx = {QStringLiteral("-std=gnu++11"),
                                 QStringLiteral("-fno-exceptions"),
                                 QStringLiteral("-fno-threadsafe-statics"),
                                 QStringLiteral("-fpermissive"),
                                 QStringLiteral("-x"),
                                 QStringLiteral("c++")};
        const QStringList ours = {QStringLiteral("-std=gnu++11"),
                                  QStringLiteral("-fno-exceptions"),
                                  QStringLiteral("-fno-threadsafe-statics"),
                                  QStringLiteral("-Wall"),
                                  QStringLiteral("-Wextra"),
                                  QStringLiteral("-Werror"),
                                  QStringLiteral("-I") + library + QStringLiteral("/src"),
                                  QStringLiteral("-x"),
                                  QStringLiteral("c++")};
        QStringList objects;
        const auto compile = [&](const QString& compiler, const QStringList& more, const QString& source) {
            objects << QStringLiteral("%1/%2.o").arg(folder, QFileInfo(source).fileName());
            const auto built =
                run(compiler,
                    flags + more + QStringList{QStringLiteral("-c"), source, QStringLiteral("-o"), objects.last()});
            if (!built)
                qWarning("%s", qPrintable(built.error().toString()));
            return built.has_value();
        };
        const QString core = kArduino + QStringLiteral("/cores/arduino/");
        bool good = true;
        for (const QString& name : QDir(core).entryList({QStringLiteral("*.c")}))
            good = good && compile(QStringLiteral("avr-gcc"), {QStringLiteral("-std=gnu11"), QStringLiteral("-w")},
                                   core + name);
        for (const QString& name : QDir(core).entryList({QStringLiteral("*.cpp")}))
            good = good && compile(QStringLiteral("avr-g++"), QStringList{QStringLiteral("-w")} + cxx, core + name);
        for (const QString& name : QDir(library + QStringLiteral("/src")).entryList({QStringLiteral("*.cpp")}))
            good = good && compile(QStringLiteral("avr-g++"), ours, library + QStringLiteral("/src/") + name);
        good = good && compile(QStringLiteral("avr-g++"),
                               QStringList{QStringLiteral("-include"), QStringLiteral("Arduino.h")} + ours,
                               QStringLiteral("%1/examples/%2/%2.ino").arg(library, example));
        if (!good)
            return {};
        const QString image = folder + QStringLiteral("/sketch.elf");
        const auto linked = run(QStringLiteral("avr-gcc"),
                                QStringList{QStringLiteral("-mmcu=atmega328p"), QStringLiteral("-Os"),
                                            QStringLiteral("-Wl,--gc-sections")} +
                                    objects + QStringList{QStringLiteral("-lm"), QStringLiteral("-o"), image});
        if (!linked)
            qWarning("%s", qPrintable(linked.error().toString()));
        return linked ? image : QString();
    }

    QTemporaryDir m_folder;
    int m_count = 0;
};

QTEST_GUILESS_MAIN(TestBundle)
#include "tst_bundle.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/signal/npy.h"

#include <QFile>
#include <QRandomGenerator>
#include <QTemporaryDir>
#include <QTest>
#include <QtEndian>

using namespace ember;
using namespace ember::signal;

namespace {

/// A file as NumPy writes it, from its parts.
QByteArray npyFile(const QByteArray& header, const QByteArray& data, int version = 1)
{
    QByteArray out = QByteArrayLiteral("\x93NUMPY") + char(version) + char(0);
    if (version == 1) {
        char length[2];
        qToLittleEndian<quint16>(static_cast<quint16>(header.size()), length);
        out += QByteArray(length, 2);
    } else {
        char length[4];
        qToLittleEndian<quint32>(static_cast<quint32>(header.size()), length);
        out += QByteArray(length, 4);
    }
    return out + header + data;
}

QByteArray headerFor(const QByteArray& descr, const QByteArray& shape, const QByteArray& fortran = "False")
{
    return "{'descr': '" + descr + "', 'fortran_order': " + fortran + ", 'shape': " + shape + ", }\n";
}

template <typename T>
QByteArray littleEndian(std::initializer_list<T> values)
{
    QByteArray out;
    for (const T value : values) {
        char bytes[sizeof(T)];
        qToLittleEndian<T>(value, bytes);
        out += QByteArray(bytes, sizeof bytes);
    }
    return out;
}

} // namespace

class TestNpy : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void writesWhatNumPyWrites()
    {
        // numpy.save of numpy.array([[1, 2, 3], [4, 5, 6]], dtype='<i2'), byte for byte.
        const std::vector<qint16> values = {1, 2, 3, 4, 5, 6};
        const QByteArray expected = QByteArrayLiteral("\x93NUMPY\x01\x00v\x00") +
                                    QByteArrayLiteral("{'descr': '<i2', 'fortran_order': False, 'shape': (2, 3), }") +
                                    QByteArray(58, ' ') + '\n' + littleEndian<qint16>({1, 2, 3, 4, 5, 6});
        const QByteArray bytes = npyBytes(NpyArray::of(values, {2, 3}));
        QCOMPARE(bytes, expected);
        QCOMPARE((bytes.size() - 12) % 64, 0);
    }

    void oneDimensionAndNoneHavePythonTuples()
    {
        QVERIFY(npyBytes(NpyArray::of(std::vector<float>{1.0f}, {1})).contains("'shape': (1,)"));
        QVERIFY(npyBytes(NpyArray::of(std::vector<float>{1.0f}, {})).contains("'shape': ()"));
        QVERIFY(npyBytes(NpyArray::of(std::vector<qint8>{1}, {1})).contains("'descr': '|i1'"));
    }

    void arraysSurviveTheRoundTrip()
    {
        QTemporaryDir folder;
        const QString path = folder.filePath(QStringLiteral("a.npy"));
        QRandomGenerator random(7);
        std::vector<float> values(60);
        for (float& value : values)
            value = static_cast<float>(random.generateDouble());
        QVERIFY(writeNpy(path, NpyArray::of(values, {3, 4, 5})));
        const auto back = readNpy(path);
        QVERIFY(back);
        QCOMPARE(back->shape, (std::vector<qint64>{3, 4, 5}));
        QCOMPARE(back->toFloat(), values);
    }

    void everyTypeIsRead_data()
    {
        QTest::addColumn<QByteArray>("descr");
        QTest::addColumn<QByteArray>("data");
        QTest::newRow("bool") << QByteArray("|b1") << QByteArray("\x01\x00", 2);
        QTest::newRow("int8") << QByteArray("|i1") << QByteArray("\x01\x00", 2);
        QTest::newRow("uint8") << QByteArray("|u1") << QByteArray("\x01\x00", 2);
        QTest::newRow("int16") << QByteArray("<i2") << littleEndian<qint16>({1, 0});
        QTest::newRow("uint16") << QByteArray("<u2") << littleEndian<quint16>({1, 0});
        QTest::newRow("int32") << QByteArray("<i4") << littleEndian<qint32>({1, 0});
        QTest::newRow("uint32") << QByteArray("<u4") << littleEndian<quint32>({1, 0});
        QTest::newRow("int64") << QByteArray("<i8") << littleEndian<qint64>({1, 0});
        QTest::newRow("uint64") << QByteArray("<u8") << littleEndian<quint64>({1, 0});
        QTest::newRow("float16") << QByteArray("<f2") << littleEndian<quint16>({0x3C00, 0});
        QTest::newRow("float32") << QByteArray("<f4") << littleEndian<quint32>({0x3F800000, 0});
        QTest::newRow("float64") << QByteArray("<f8") << littleEndian<quint64>({0x3FF0000000000000, 0});
        QTest::newRow("big-endian int16") << QByteArray(">i2") << QByteArray("\x00\x01\x00\x00", 4);
        QTest::newRow("big-endian float32") << QByteArray(">f4") << QByteArray("\x3F\x80\x00\x00\0\0\0\0", 8);
    }
    void everyTypeIsRead()
    {
        QFETCH(QByteArray, descr);
        QFETCH(QByteArray, data);
        for (const int version : {1, 2, 3}) {
            const auto array = parseNpy(npyFile(headerFor(descr, "(2,)"), data, version));
            QVERIFY2(array, array ? "" : qPrintable(array.error().toString()));
            QCOMPARE(array->toFloat(), (std::vector<float>{1.0f, 0.0f}));
            QCOMPARE(array->toDouble(), (std::vector<double>{1.0, 0.0}));
            QCOMPARE(array->toInt32().value(), (std::vector<qint32>{1, 0}));
            QCOMPARE(array->toInt64().value(), (std::vector<qint64>{1, 0}));
        }
    }

    void fortranOrderIsTurned()
    {
        // Element [i][j][k] holds 100 i + 10 j + k; Fortran order runs the first index fastest.
        QByteArray data;
        std::vector<qint32> expected;
        for (int k = 0; k < 4; ++k)
            for (int j = 0; j < 3; ++j)
                for (int i = 0; i < 2; ++i)
                    data += littleEndian<qint32>({100 * i + 10 * j + k});
        for (int i = 0; i < 2; ++i)
            for (int j = 0; j < 3; ++j)
                for (int k = 0; k < 4; ++k)
                    expected.push_back(100 * i + 10 * j + k);
        const auto array = parseNpy(npyFile(headerFor("<i4", "(2, 3, 4)", "True"), data));
        QVERIFY(array);
        QCOMPARE(array->toInt32().value(), expected);
    }

    void wholeNumbersAreChecked()
    {
        QVERIFY(!NpyArray::of(std::vector<float>{1.0f, 1.5f}, {2}).toInt32());
        QVERIFY(!NpyArray::of(std::vector<double>{3e9}, {1}).toInt32());
        QCOMPARE(NpyArray::of(std::vector<double>{3e9}, {1}).toInt64().value(), (std::vector<qint64>{3'000'000'000}));
        QVERIFY(!NpyArray::of(std::vector<double>{qQNaN()}, {1}).toInt64());
        QVERIFY(!NpyArray::of(std::vector<qint64>{qint64{1} << 31}, {1}).toInt32());
        QVERIFY(NpyArray::of(std::vector<qint64>{-(qint64{1} << 31)}, {1}).toInt32());
    }

    void emptyArraysAreArrays()
    {
        const auto array = parseNpy(npyFile(headerFor("<f4", "(0, 5)"), {}));
        QVERIFY(array);
        QCOMPARE(array->size(), qint64{0});
        QCOMPARE(array->shape, (std::vector<qint64>{0, 5}));
    }

    void hostileHeadersAreErrors_data()
    {
        QTest::addColumn<QByteArray>("bytes");
        QTest::addColumn<int>("kind");
        const auto bad = static_cast<int>(ErrorKind::BadData);
        const auto unsupported = static_cast<int>(ErrorKind::Unsupported);
        const QByteArray four = littleEndian<quint32>({0});
        QTest::newRow("empty") << QByteArray() << bad;
        QTest::newRow("only the mark") << QByteArrayLiteral("\x93NUMPY") << bad;
        QTest::newRow("version 9") << npyFile(headerFor("<f4", "(1,)"), four, 9) << bad;
        QTest::newRow("header cut off") << npyFile(headerFor("<f4", "(1,)"), four).left(20) << bad;
        QTest::newRow("header of 4 GB") << (QByteArrayLiteral("\x93NUMPY\x02\x00") + QByteArray(4, char(0xFF)) + four)
                                        << bad;
        QTest::newRow("not a dict") << npyFile("[1, 2]", four) << bad;
        QTest::newRow("code in the header") << npyFile("{'descr': __import__('os'), }", four) << bad;
        QTest::newRow("no shape") << npyFile("{'descr': '<f4', 'fortran_order': False}", four) << bad;
        QTest::newRow("unknown key") << npyFile("{'descr': '<f4', 'x': False}", four) << bad;
        QTest::newRow("string without end") << npyFile("{'descr': '<f4", four) << bad;
        QTest::newRow("dict without end") << npyFile("{'descr': '<f4'", four) << bad;
        QTest::newRow("order is a number") << npyFile(headerFor("<f4", "(1,)", "7"), four) << bad;
        QTest::newRow("negative size") << npyFile(headerFor("<f4", "(-1,)"), four) << bad;
        QTest::newRow("size is text") << npyFile(headerFor("<f4", "(a,)"), four) << bad;
        QTest::newRow("size beyond 64 bit") << npyFile(headerFor("<f4", "(99999999999999999999,)"), four) << bad;
        QTest::newRow("product overflows") << npyFile(headerFor("<f4", "(4294967296, 4294967296)"), four) << bad;
        QTest::newRow("nine dimensions") << npyFile(headerFor("<f4", "(1,1,1,1,1,1,1,1,1)"), four) << bad;
        QTest::newRow("data missing") << npyFile(headerFor("<f4", "(2,)"), four) << bad;
        QTest::newRow("objects") << npyFile(headerFor("|O", "(1,)"), four) << unsupported;
        QTest::newRow("complex") << npyFile(headerFor("<c8", "(1,)"), QByteArray(8, '\0')) << unsupported;
        QTest::newRow("text") << npyFile(headerFor("<U1", "(1,)"), four) << unsupported;
        QTest::newRow("structure") << npyFile("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)}", four)
                                   << unsupported;
    }
    void hostileHeadersAreErrors()
    {
        QFETCH(QByteArray, bytes);
        QFETCH(int, kind);
        const auto array = parseNpy(bytes);
        QVERIFY(!array);
        QCOMPARE(static_cast<int>(array.error().kind), kind);
    }

    void damagedBytesNeverCrash()
    {
        const QByteArray good = npyFile(headerFor("<i4", "(2, 3)", "True"), QByteArray(24, 'x'));
        QRandomGenerator random(99);
        int parsed = 0;
        for (int round = 0; round < 3000; ++round) {
            QByteArray bytes = good.left(random.bounded(static_cast<int>(good.size()) + 1));
            for (int flips = random.bounded(4); flips > 0 && !bytes.isEmpty(); --flips)
                bytes[random.bounded(static_cast<int>(bytes.size()))] = static_cast<char>(random.bounded(256));
            const auto array = parseNpy(bytes);
            if (array) {
                ++parsed;
                QCOMPARE(array->data.size() % static_cast<qsizetype>(npyElementSize(array->type)), 0);
                QCOMPARE(static_cast<qint64>(array->toFloat().size()), array->size());
            } else {
                QVERIFY(!array.error().message.isEmpty());
            }
        }
        QVERIFY(parsed > 0 && parsed < 3000);
    }

    void filesThatCannotBeReadOrWritten()
    {
        QTemporaryDir folder;
        QCOMPARE(readNpy(folder.filePath(QStringLiteral("none.npy"))).error().kind, ErrorKind::NotFound);
        const NpyArray array = NpyArray::of(std::vector<float>{1.0f}, {1});
        QCOMPARE(writeNpy(folder.filePath(QStringLiteral("no/folder.npy")), array).error().kind, ErrorKind::Io);
        const NpyArray wrong = NpyArray::of(std::vector<float>{1.0f}, {2});
        QCOMPARE(writeNpy(folder.filePath(QStringLiteral("b.npy")), wrong).error().kind, ErrorKind::Usage);
    }
};

QTEST_GUILESS_MAIN(TestNpy)
#include "tst_npy.moc"

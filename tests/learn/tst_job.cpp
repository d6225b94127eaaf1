// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/job.h"
#include "core/signal/npy.h"
#include "tests/learn/small_matrix.h"

#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QTemporaryDir>
#include <QTest>

#include <limits>

using namespace ember;
using namespace ember::learn;

namespace {

TrainingRequest request()
{
    TrainingRequest r;
    r.trainer = QStringLiteral("a.b");
    r.parameters = {{QStringLiteral("depth"), 3}, {QStringLiteral("mode"), QStringLiteral("x")}};
    r.seed = std::numeric_limits<quint64>::max();
    r.threads = 2;
    r.properties = {{QStringLiteral("emberlab.dataset"), QStringLiteral("abc")}};
    return r;
}

} // namespace

class TestJob : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void jobsComeBackAsTheyWere()
    {
        QTemporaryDir folder;
        const Matrix matrix = test::smallMatrix(7, 0);
        QVERIFY(writeJob(folder.filePath(QStringLiteral("new/job")), request(), matrix));
        const Job job = readJob(folder.filePath(QStringLiteral("new/job"))).value();
        QCOMPARE(job.request.trainer, request().trainer);
        QCOMPARE(job.request.seed, request().seed);
        QCOMPARE(job.request.threads, 2);
        QCOMPARE(job.request.parameters.value(QStringLiteral("depth")).toInt(), 3);
        QCOMPARE(job.request.properties, request().properties);
        QCOMPARE(job.matrix.features, matrix.features);
        QCOMPARE(job.matrix.labels, matrix.labels);
        QCOMPARE(job.matrix.classNames, matrix.classNames);
        QCOMPARE(job.matrix.featureNames, matrix.featureNames);
    }

    void damagedJobsAreRefused()
    {
        QTemporaryDir folder;
        const QString path = folder.path();
        QCOMPARE(readJob(path).error().kind, ErrorKind::NotFound);
        const auto fresh = [&] { return writeJob(path, request(), test::smallMatrix(4, 0)).has_value(); };

        QVERIFY(fresh());
        overwrite(path + QStringLiteral("/job.json"), "[]");
        QCOMPARE(readJob(path).error().kind, ErrorKind::BadData);
        for (const QString& key :
             {QStringLiteral("format"), QStringLiteral("trainer"), QStringLiteral("seed"), QStringLiteral("threads")}) {
            QVERIFY(fresh());
            edit(path, key, QJsonValue());
            QCOMPARE(readJob(path).error().kind, ErrorKind::BadData);
        }
        QVERIFY(fresh());
        overwrite(path + QStringLiteral("/X.npy"), "garbage");
        QCOMPARE(readJob(path).error().kind, ErrorKind::BadData);
        QVERIFY(fresh());
        const std::vector<qint32> labels{0, 1, 2, 0}; // there are two classes
        QVERIFY(signal::writeNpy(path + QStringLiteral("/y.npy"),
                                 signal::NpyArray::of(std::span<const qint32>(labels), {4})));
        QCOMPARE(readJob(path).error().kind, ErrorKind::BadData);
        QVERIFY(fresh());
        QVERIFY(readJob(path));
    }

    void resultsThatAreNotThere()
    {
        QTemporaryDir folder;
        QCOMPARE(readJobResult(folder.path()).error().kind, ErrorKind::Failed);
        overwrite(folder.filePath(QStringLiteral("result.json")), "{\"ok\": true}");
        QCOMPARE(readJobResult(folder.path()).error().kind, ErrorKind::NotFound);
        overwrite(folder.filePath(QStringLiteral("model.onnx")), "no model");
        QCOMPARE(readJobResult(folder.path()).error().kind, ErrorKind::BadData);
        overwrite(
            folder.filePath(QStringLiteral("result.json")),
            "{\"ok\": false, \"error\": {\"kind\": \"usage\", \"message\": \"Too few rows.\", \"hint\": \"More.\"}}");
        const Error error = readJobResult(folder.path()).error();
        QCOMPARE(error.kind, ErrorKind::Usage);
        QCOMPARE(error.message, QStringLiteral("Too few rows."));
        QCOMPARE(error.hint, QStringLiteral("More."));
        overwrite(folder.filePath(QStringLiteral("result.json")), "{\"ok\": false, \"error\": 7}");
        QVERIFY(!readJobResult(folder.path()).error().message.isEmpty());
    }

    void matricesThatDoNotHoldAreNotWritten()
    {
        QTemporaryDir folder;
        Matrix matrix = test::smallMatrix(4, 0);
        matrix.features[0] = std::numeric_limits<float>::quiet_NaN();
        QCOMPARE(writeJob(folder.path(), request(), matrix).error().kind, ErrorKind::BadData);
    }

private:
    static void overwrite(const QString& path, const QByteArray& bytes)
    {
        QFile file(path);
        QVERIFY(file.open(QIODevice::WriteOnly));
        QCOMPARE(file.write(bytes), bytes.size());
    }
    static void edit(const QString& folder, const QString& key, const QJsonValue& value)
    {
        QFile file(folder + QStringLiteral("/job.json"));
        QVERIFY(file.open(QIODevice::ReadOnly));
        QJsonObject json = QJsonDocument::fromJson(file.readAll()).object();
        file.close();
        json.insert(key, value);
        overwrite(file.fileName(), QJsonDocument(json).toJson());
    }
};

QTEST_GUILESS_MAIN(TestJob)
#include "tst_job.moc"

// SPDX-License-Identifier: GPL-3.0-or-later
#include "core/learn/table.h"

#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace ember;
using namespace ember::learn;

class TestTable : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void aPlainTable()
    {
        const Matrix m = read("a,label,b\n1,up,-2.5\n+3e2,down,0\n\n4,up,1e-3\n").value();
        QCOMPARE(m.columns, std::size_t(2));
        QCOMPARE(m.featureNames, (QStringList{QStringLiteral("a"), QStringLiteral("b")}));
        QCOMPARE(m.classNames, (QStringList{QStringLiteral("down"), QStringLiteral("up")}));
        QCOMPARE(m.labels, (std::vector<qint32>{1, 0, 1}));
        QCOMPARE(m.features, (std::vector<float>{1, -2.5f, 300, 0, 4, 1e-3f}));
    }

    void groupsAndGivenClasses()
    {
        TableOptions options;
        options.labelColumn = QStringLiteral("y");
        options.groupColumn = QStringLiteral("subject");
        options.classNames = {QStringLiteral("b"), QStringLiteral("a")};
        const QByteArray text("subject,x,y\ns2,1,a\ns1,2,b\n");
        const Matrix m = read(text, options).value();
        QCOMPARE(m.labels, (std::vector<qint32>{1, 0}));
        QCOMPARE(m.groupNames, (QStringList{QStringLiteral("s1"), QStringLiteral("s2")}));
        QCOMPARE(m.groups, (std::vector<qint32>{1, 0}));
        QCOMPARE(m.columns, std::size_t(1));
        const auto unknown = read(text + "s1,3,c\n", options);
        QCOMPARE(unknown.error().kind, ErrorKind::Usage);
        QVERIFY(unknown.error().message.contains(QStringLiteral("'c'")));
        QVERIFY(unknown.error().hint.contains(QStringLiteral("b, a")));
    }

    void missingFile() { QCOMPARE(readTable(QStringLiteral("/no/such/table.csv")).error().kind, ErrorKind::NotFound); }

private:
    Result<Matrix> read(const QByteArray& text, const TableOptions& options = {})
    {
        const QString path = m_folder.filePath(QStringLiteral("table.csv"));
        QFile file(path);
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            return Error(ErrorKind::Io, QStringLiteral("test file"));
        file.close();
        return readTable(path, options);
    }

    QTemporaryDir m_folder;
};

QTEST_GUILESS_MAIN(TestTable)
#include "tst_table.moc"

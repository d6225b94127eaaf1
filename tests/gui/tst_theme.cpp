// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/plot/confusion_plot.h"
#include "app/gui/shell/page.h"
#include "app/gui/theme/contrast.h"
#include "tests/gui/workbench.h"

#include <QApplication>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QRegularExpression>

using namespace ember;
using namespace ember::gui;
using namespace ember::test;

namespace {

constexpr double kLeastContrast = 4.5; // WCAG 2.1 AA, text of any size

struct Pair
{
    const char* name;
    QColor ThemeColours::*text;
    QColor ThemeColours::*ground;
};

// Every text on every ground that the style sheet and the painted widgets put it on.
constexpr Pair kPairs[] = {
    {"text on window", &ThemeColours::text, &ThemeColours::window},
    {"text on surface", &ThemeColours::text, &ThemeColours::surface},
    {"text on raised", &ThemeColours::text, &ThemeColours::raised},
    {"text on hover", &ThemeColours::text, &ThemeColours::hover},
    {"text on pressed", &ThemeColours::text, &ThemeColours::pressed},
    {"text on selection", &ThemeColours::text, &ThemeColours::accentSoft},
    {"text on plot", &ThemeColours::text, &ThemeColours::plot},
    {"text on good notice", &ThemeColours::text, &ThemeColours::goodSoft},
    {"text on warning", &ThemeColours::text, &ThemeColours::warnSoft},
    {"text on error", &ThemeColours::text, &ThemeColours::badSoft},
    {"muted on window", &ThemeColours::muted, &ThemeColours::window},
    {"muted on surface", &ThemeColours::muted, &ThemeColours::surface},
    {"muted on raised", &ThemeColours::muted, &ThemeColours::raised},
    {"muted on hover", &ThemeColours::muted, &ThemeColours::hover},
    {"muted on selection", &ThemeColours::muted, &ThemeColours::accentSoft},
    {"muted on plot", &ThemeColours::muted, &ThemeColours::plot},
    {"muted on error", &ThemeColours::muted, &ThemeColours::badSoft},
    {"muted on warning", &ThemeColours::muted, &ThemeColours::warnSoft},
    {"disabled on window", &ThemeColours::disabled, &ThemeColours::window},
    {"disabled on surface", &ThemeColours::disabled, &ThemeColours::surface},
    {"disabled on raised", &ThemeColours::disabled, &ThemeColours::raised},
    {"link on window", &ThemeColours::accent, &ThemeColours::window},
    {"link on surface", &ThemeColours::accent, &ThemeColours::surface},
    {"link on raised", &ThemeColours::accent, &ThemeColours::raised},
    {"on accent", &ThemeColours::onAccent, &ThemeColours::accent},
    {"on accent, hovered", &ThemeColours::onAccent, &ThemeColours::accentHover},
    {"on accent, pressed", &ThemeColours::onAccent, &ThemeColours::accentPressed},
    {"good on surface", &ThemeColours::good, &ThemeColours::surface},
    {"good on window", &ThemeColours::good, &ThemeColours::window},
    {"warn on surface", &ThemeColours::warn, &ThemeColours::surface},
    {"warn on window", &ThemeColours::warn, &ThemeColours::window},
    {"bad on surface", &ThemeColours::bad, &ThemeColours::surface},
    {"bad on window", &ThemeColours::bad, &ThemeColours::window},
    {"bad on raised", &ThemeColours::bad, &ThemeColours::raised},
};

} // namespace

class TestTheme : public QObject
{
    Q_OBJECT

private Q_SLOTS:
    void everyTextCanBeRead_data()
    {
        QTest::addColumn<QString>("themeName");
        QTest::newRow("light") << QStringLiteral("light");
        QTest::newRow("dark") << QStringLiteral("dark");
    }

    void everyTextCanBeRead()
    {
        QFETCH(const QString, themeName);
        const auto theme = Theme::load(themeName);
        QVERIFY(theme);
        for (const Pair& pair : kPairs) {
            const double ratio = contrastRatio(theme->colours().*pair.text, theme->colours().*pair.ground);
            QVERIFY2(ratio >= kLeastContrast,
                     qPrintable(QStringLiteral("%1: %2").arg(QLatin1String(pair.name)).arg(ratio)));
        }
        // Names of channels are written in the colours of their traces.
        for (int i = 0; i < 6; ++i) {
            const double ratio = contrastRatio(theme->trace(i), theme->colours().plot);
            QVERIFY2(ratio >= 3.0, qPrintable(QStringLiteral("trace %1: %2").arg(i).arg(ratio)));
        }
        // Names of classes are written on the colours of classes.
        for (int i = 0; i < theme->classColourCount(); ++i)
            QVERIFY(contrastRatio(readableOn(theme->classColour(i)), theme->classColour(i)) >= kLeastContrast);
    }

    void everyConfusionCellCanBeRead()
    {
        Workbench bench;
        for (const ThemeHub::Mode mode : {ThemeHub::Mode::Light, ThemeHub::Mode::Dark}) {
            bench.theme().setMode(mode);
            for (int percent = 0; percent <= 100; ++percent) {
                const auto cell = ConfusionPlot::cellColours(bench.theme(), percent / 100.0);
                QVERIFY2(contrastRatio(cell.ground, cell.text) >= kLeastContrast, qPrintable(QString::number(percent)));
            }
        }
    }

    void placeholdersCanBeRead()
    {
        // What the style sheet makes of them counts, not what the palette of the application says.
        Workbench bench;
        for (const ThemeHub::Mode mode : {ThemeHub::Mode::Light, ThemeHub::Mode::Dark}) {
            bench.theme().setMode(mode);
            bench.key(Qt::Key_K, Qt::ControlModifier);
            auto* field = qobject_cast<QLineEdit*>(QApplication::focusWidget());
            QVERIFY(field);
            const QColor text = field->palette().color(QPalette::PlaceholderText);
            QCOMPARE(text.alpha(), 255);
            QVERIFY(contrastRatio(text, bench.theme().colours().surface) >= kLeastContrast);
            QVERIFY(contrastRatio(field->palette().color(QPalette::Text), bench.theme().colours().surface) >= 7.0);
            bench.key(Qt::Key_Escape);
            const auto* log = bench.page()->findChild<QPlainTextEdit*>();
            QVERIFY(log);
            QCOMPARE(log->palette().color(QPalette::PlaceholderText), bench.theme().colours().muted);
        }
    }

    void theStyleSheetHasNoUnknownToken()
    {
        for (const QString& name : {QStringLiteral("light"), QStringLiteral("dark")}) {
            const auto theme = Theme::load(name);
            QVERIFY(theme);
            const QMap<QString, QString> images{{QStringLiteral("up"), QStringLiteral("u.png")},
                                                {QStringLiteral("down"), QStringLiteral("d.png")},
                                                {QStringLiteral("check"), QStringLiteral("c.png")}};
            const QString sheet = theme->styleSheet(images).remove(
                QRegularExpression(QStringLiteral("/\\*.*?\\*/"), QRegularExpression::DotMatchesEverythingOption));
            QVERIFY(sheet.size() > 1000);
            QVERIFY2(!sheet.contains(QLatin1Char('@')), qPrintable(sheet.mid(sheet.indexOf(QLatin1Char('@')), 40)));
        }
    }

    void aChangeOfThemeRepaintsTheWindow()
    {
        Workbench bench;
        const QColor light = bench.window().grab().toImage().pixelColor(2, bench.window().height() / 2);
        bench.theme().setMode(ThemeHub::Mode::Dark);
        const QColor dark = bench.window().grab().toImage().pixelColor(2, bench.window().height() / 2);
        QCOMPARE(dark, bench.theme().colours().surface);
        QVERIFY(light != dark);
    }

    void aMissingThemeSaysSo()
    {
        const auto theme = Theme::load(QStringLiteral("no-such-theme"));
        QVERIFY(!theme);
        QVERIFY(theme.error().message.contains(QStringLiteral("no-such-theme")));
    }
};

EMBER_WORKBENCH_TEST_MAIN(TestTheme)
#include "tst_theme.moc"

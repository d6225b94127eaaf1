// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/gui/workbench.h"

#include "core/base/resources.h"
#include "core/dataset/importer.h"
#include "core/learn/worker.h"

#include <QApplication>
#include <QComboBox>
#include <QDialogButtonBox>
#include <QFileDialog>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QPointer>
#include <QPushButton>
#include <QStandardPaths>

namespace ember::test {

Workbench::Workbench()
    : m_settings(m_folder.filePath(QStringLiteral("settings.ini")))
{
    auto theme =
        gui::ThemeHub::create(*qobject_cast<QApplication*>(QCoreApplication::instance()), gui::ThemeHub::Mode::Light);
    if (!theme)
        qFatal("%s", qPrintable(theme.error().toString()));
    m_theme = std::move(*theme);
    m_devices = std::make_unique<gui::DeviceSession>(m_jobs);
    m_window = std::make_unique<gui::MainWindow>(*m_theme, m_settings, m_jobs, m_actions, m_project, *m_devices);
    m_window->show();
    if (!QTest::qWaitForWindowActive(m_window.get()))
        qFatal("The window does not become active.");
}

Workbench::~Workbench() = default;

QAbstractButton* Workbench::button(const QString& text)
{
    QAbstractButton* begins = nullptr;
    for (QWidget* top : QApplication::topLevelWidgets()) {
        for (QAbstractButton* candidate : top->findChildren<QAbstractButton*>()) {
            if (!candidate->isVisible())
                continue;
            if (candidate->text() == text)
                return candidate;
            if (!begins && candidate->text().startsWith(text))
                begins = candidate;
        }
    }
    return begins;
}

QString Workbench::visibleText()
{
    QStringList lines;
    for (QWidget* top : QApplication::topLevelWidgets()) {
        for (const QWidget* widget : top->findChildren<QWidget*>()) {
            if (!widget->isVisible())
                continue;
            if (const auto* label = qobject_cast<const QLabel*>(widget))
                lines << label->text();
            else if (const auto* control = qobject_cast<const QAbstractButton*>(widget))
                lines << control->text();
            else if (const auto* box = qobject_cast<const QComboBox*>(widget))
                lines << box->currentText();
            else if (const auto* log = qobject_cast<const QPlainTextEdit*>(widget))
                lines << log->toPlainText();
        }
    }
    return lines.join(QLatin1Char('\n'));
}

bool Workbench::click(QWidget* widget)
{
    if (!widget || !widget->isEnabled() || !widget->isVisible())
        return false;
    // A press may open a menu, and what is picked there may replace what the menu hangs on.
    const QPointer<QWidget> pressed(widget);
    QTest::mousePress(widget, Qt::LeftButton);
    if (pressed)
        QTest::mouseRelease(widget, Qt::LeftButton);
    return true;
}

bool Workbench::click(const QString& name)
{
    const auto ready = [this, &name] {
        const QWidget* widget = find(name);
        return widget && widget->isEnabled();
    };
    return QTest::qWaitFor(ready) && click(find(name));
}

void Workbench::key(Qt::Key key, Qt::KeyboardModifiers modifiers)
{
    QWidget* target = QApplication::focusWidget();
    QTest::keyClick(target ? target : m_window.get(), key, modifiers);
}

void Workbench::type(const QString& text)
{
    QWidget* target = QApplication::focusWidget();
    QTest::keyClicks(target ? target : m_window.get(), text);
}

bool Workbench::saveAs(const QString& name)
{
    auto* dialog = m_window->findChild<QFileDialog*>();
    if (!dialog || !QTest::qWaitForWindowExposed(dialog))
        return false;
    auto* field = dialog->findChild<QLineEdit*>(QStringLiteral("fileNameEdit"));
    auto* buttons = dialog->findChild<QDialogButtonBox*>();
    if (!field || !buttons)
        return false;
    QTest::mouseClick(field, Qt::LeftButton);
    field->selectAll();
    QTest::keyClicks(field, path(name));
    QTest::mouseClick(buttons->button(QDialogButtonBox::Save), Qt::LeftButton);
    return true;
}

bool Workbench::makeProject(const QString& name)
{
    key(Qt::Key_N, Qt::ControlModifier);
    if (!saveAs(name) || !QTest::qWaitFor([this] { return m_project.isOpen(); }))
        return false;
    m_window->activateWindow();
    return QTest::qWaitForWindowActive(m_window.get());
}

bool Workbench::openDemo(const QStringList& subjects)
{
    const QString file = path(QStringLiteral("demo.ember"));
    {
        auto project = dataset::Project::create(file);
        if (!project)
            return false;
        for (const QString& subject : subjects) {
            const auto csv = resourcePath(QStringLiteral("demo-data/human-activity/%1.csv").arg(subject));
            if (!csv || !dataset::importFile(*project, *csv))
                return false;
        }
    }
    m_window->openProject(file);
    return m_project.isOpen();
}

int workbenchTestMain(int argc, char** argv, QObject& (*makeTest)())
{
    if (argc > 1 && qstrcmp(argv[1], "worker") == 0) {
        const QCoreApplication worker(argc, argv);
        return learn::workerMain(QCoreApplication::arguments().mid(2));
    }
    QStandardPaths::setTestModeEnabled(true);
    // The desktop's own file dialog could not be driven, and is not ours.
    QCoreApplication::setAttribute(Qt::AA_DontUseNativeDialogs);
    QApplication application(argc, argv);
    QApplication::setApplicationName(QStringLiteral("emberlab"));
    return QTest::qExec(&makeTest(), argc, argv);
}

} // namespace ember::test

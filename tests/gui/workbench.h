// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/devices/device_session.h"
#include "app/gui/shell/action_registry.h"
#include "app/gui/shell/job_queue.h"
#include "app/gui/shell/main_window.h"
#include "app/gui/shell/project_session.h"
#include "app/gui/shell/ui_settings.h"
#include "app/gui/theme/theme_hub.h"

#include <QAbstractButton>
#include <QLabel>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

namespace ember::test {

/// The workbench as gui::run() puts it together, with settings and projects in a folder of its own that goes with it.
/// Widgets are found as a user finds them: what is hidden is not there.
class Workbench
{
public:
    /// Shown and active, on the Devices page, without a project.
    Workbench();
    ~Workbench();
    Workbench(const Workbench&) = delete;
    Workbench& operator=(const Workbench&) = delete;

    gui::MainWindow& window() { return *m_window; }
    gui::AppContext& context() { return m_window->context(); }
    gui::ThemeHub& theme() { return *m_theme; }
    gui::UiSettings& settings() { return m_settings; }
    gui::JobQueue& jobs() { return m_jobs; }
    gui::ActionRegistry& actions() { return m_actions; }
    gui::ProjectSession& project() { return m_project; }
    gui::DeviceSession& devices() { return *m_devices; }

    /// A path in the folder of this workbench.
    QString path(const QString& name) const { return m_folder.filePath(name); }
    /// The page in view.
    gui::Page* page() { return m_window->page(m_window->currentPage()); }

    /// The visible widget of that name and type; null when there is none.
    template <typename T = QWidget>
    T* find(const QString& name)
    {
        for (T* widget : m_window->template findChildren<T*>(name)) {
            if (widget->isVisible())
                return widget;
        }
        return nullptr;
    }
    /// A visible button with that text, or that starts with it.
    QAbstractButton* button(const QString& text);
    /// Everything that can be read in the window now, line by line: what a person would look at for a message.
    QString visibleText();
    bool shows(const QString& text) { return visibleText().contains(text); }

    /// A real click in the middle; false when there is no such widget or it is disabled.
    bool click(QWidget* widget);
    /// Waits a few seconds for it, as a person would: parts that are built anew show up with the next round of events.
    bool click(const QString& name);
    bool clickText(const QString& text) { return click(button(text)); }
    /// A key for whatever has the focus in the active window.
    void key(Qt::Key key, Qt::KeyboardModifiers modifiers = Qt::NoModifier);
    void type(const QString& text);

    /// Answers the file dialog that is open with a file of this workbench's folder.
    bool saveAs(const QString& name);
    /// Makes a project the way a user does: Ctrl+N, a file name, Enter.
    bool makeProject(const QString& name);
    /// A project with these demo recordings ("s01", ...), imported and opened.
    bool openDemo(const QStringList& subjects);

private:
    QTemporaryDir m_folder;
    std::unique_ptr<gui::ThemeHub> m_theme;
    gui::UiSettings m_settings;
    gui::ActionRegistry m_actions;
    gui::ProjectSession m_project;
    gui::JobQueue m_jobs;
    std::unique_ptr<gui::DeviceSession> m_devices;
    std::unique_ptr<gui::MainWindow> m_window;
};

/// main() of a test of the workbench. The program starts itself as a worker to train, so the test does, too.
int workbenchTestMain(int argc, char** argv, QObject& (*makeTest)());

} // namespace ember::test

#define EMBER_WORKBENCH_TEST_MAIN(Class)                                                                               \
    int main(int argc, char** argv)                                                                                    \
    {                                                                                                                  \
        return ember::test::workbenchTestMain(argc, argv, []() -> QObject& {                                           \
            static Class test;                                                                                         \
            return test;                                                                                               \
        });                                                                                                            \
    }

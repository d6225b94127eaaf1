// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"
#include "app/gui/shell/navigator.h"

#include <QMainWindow>
#include <QMap>

#include <memory>

class QStackedWidget;

namespace ember::gui {

class CommandPalette;
class JobStrip;
class JobTray;
class KeysOverlay;
class Page;
class Rail;
class TopBar;

/// The one window. Only arranges: what its parts do is in the parts, what they share is in the AppContext. GUI thread.
class MainWindow : public QMainWindow
{
    Q_OBJECT

public:
    /// All references outlive the window.
    MainWindow(ThemeHub& theme, UiSettings& settings, JobQueue& jobs, ActionRegistry& actions, ProjectSession& project,
               DeviceSession& devices);
    ~MainWindow() override;

    void showPage(const QString& id);
    QString currentPage() const;
    Page* page(const QString& id) const { return m_pages.value(id); }
    AppContext& context() { return *m_context; }

    /// Opens a project and says what went wrong if it could not.
    void openProject(const QString& path);
    /// Starts the emulated board of that id and connects to it.
    void startBoard(const QString& boardId);

protected:
    void closeEvent(QCloseEvent* event) override;
    void dragEnterEvent(QDragEnterEvent* event) override;
    void dropEvent(QDropEvent* event) override;

private:
    void addPages();
    void addPage(Page* page);
    void registerActions();
    void registerProjectActions();
    void registerThemeActions();
    void fillProjectMenu();
    void followProject();
    void refreshCounts();
    void refreshUndo();
    void askForNewProject();
    void askForProject();
    void showKeys();
    void showHelp();

    ThemeHub& m_theme;
    UiSettings& m_settings;
    ProjectSession& m_project;
    DeviceSession& m_devices;
    Navigator m_navigator;
    std::unique_ptr<AppContext> m_context;

    TopBar* m_topBar;
    Rail* m_rail;
    QStackedWidget* m_stack;
    JobTray* m_tray;
    JobStrip* m_strip;
    CommandPalette* m_palette = nullptr;
    KeysOverlay* m_keys = nullptr;
    QMap<QString, Page*> m_pages;
    QList<QString> m_order;
    QAction* m_undo = nullptr;
    QAction* m_redo = nullptr;
    QAction* m_newProject = nullptr;
    QAction* m_openProject = nullptr;
    QAction* m_closeProject = nullptr;
    QAction* m_projectFile = nullptr;
    QList<QAction*> m_themeActions;
};

} // namespace ember::gui

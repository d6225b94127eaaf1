// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/app_context.h"

#include <QList>
#include <QWidget>

class QAction;
class QHBoxLayout;
class QLabel;
class QPushButton;
class QSplitter;
class QStackedWidget;
class QVBoxLayout;

namespace ember::gui {

class EmptyState;
class Notice;

/// A key that means something on a page, for the overview behind "?".
struct KeyHint
{
    QString keys;
    QString meaning;
};

/// One task of the rail. Gives every page the same frame: title, filters and the one main action on top, a notice line,
/// the one big thing, an inspector at its right, a secondary strip below; sizes are remembered. A page fills the parts
/// it needs; the others are not there. GUI thread.
class Page : public QWidget
{
    Q_OBJECT

public:
    Page(const QString& id, const QString& title, const QString& iconName, AppContext& context);
    ~Page() override;

    const QString& id() const { return m_id; }
    const QString& title() const { return m_title; }
    const QString& iconName() const { return m_iconName; }

    /// The page comes into view, or leaves it.
    virtual void activated() {}
    virtual void deactivated() {}
    /// The project or something in it changed. Called while the page is in view, and when it comes into view after a
    /// change; pages that nobody looks at read nothing.
    virtual void contentChanged() {}
    virtual QList<KeyHint> keys() const { return {}; }

    bool isEmptyShown() const;

protected:
    void showEvent(QShowEvent* event) override;

protected:
    AppContext& context() const { return m_context; }
    Notice& notice() const { return *m_notice; }

    /// The row between title and main action.
    QHBoxLayout* filters() const { return m_filters; }
    void setMainAction(QAction* action);
    void setContent(QWidget* content);
    void setInspector(QWidget* inspector);
    void setSecondary(QWidget* strip, int initialHeight);
    /// Shown instead of content, inspector and strip while showEmpty(true).
    void setEmptyState(EmptyState* state);
    void showEmpty(bool empty);
    /// While no project is open, the page offers to make or open one instead of anything of its own.
    void setNeedsProject();

private:
    void rememberSizes();
    void onContentChanged();
    void chooseBody();

    QString m_id;
    QString m_title;
    QString m_iconName;
    AppContext& m_context;
    QWidget* m_filterLine;
    QHBoxLayout* m_filters;
    QPushButton* m_main;
    Notice* m_notice;
    QStackedWidget* m_body;
    QSplitter* m_columns; ///< content | inspector
    QSplitter* m_rows;    ///< the above | strip
    QWidget* m_emptyHolder = nullptr;
    QWidget* m_noProject = nullptr; ///< null: the page works without a project
    bool m_empty = false;
    bool m_hasMain = false;
    bool m_contentIsNew = true;
};

} // namespace ember::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/ui_settings.h"

#include <QComboBox>

namespace ember::gui {

/// Which recording an emulated board's sensor plays: the demo's, or a file of the user's. The choice is remembered.
/// GUI thread.
class FeedChoice : public QComboBox
{
    Q_OBJECT

public:
    /// `settings` and `setting` outlive it. With `optional` there may be no sensor at all, and is none at first.
    FeedChoice(UiSettings& settings, const Setting<QString>& setting, bool optional, QWidget* parent = nullptr);

    /// Path; empty: nothing is played.
    QString file() const;

private:
    void addDemoFiles();
    void chooseFile();

    UiSettings& m_settings;
    const Setting<QString>& m_setting;
    int m_before = 0; ///< the entry to go back to when no file is chosen
};

} // namespace ember::gui

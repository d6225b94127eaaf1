// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "core/dataset/recording.h"

#include <QAbstractButton>
#include <QMap>
#include <QScrollArea>

#include <vector>

namespace ember::dataset {
class Project;
}

namespace ember::gui {

class ThemeHub;

/// What a thumbnail in the strip shows. A value.
struct TakeSummary
{
    dataset::Recording recording;
    QString label;   ///< of its first segment, and how many others there are; empty: none
    int colour = -1; ///< class colour index; -1: none
};

/// One take: picture, label, length and what was lost.
class TakeCard : public QAbstractButton
{
    Q_OBJECT

public:
    TakeCard(const TakeSummary& take, const QPixmap& picture, const ThemeHub& theme, QWidget* parent = nullptr);
    QSize sizeHint() const override;

protected:
    void paintEvent(QPaintEvent*) override;

private:
    TakeSummary m_take;
    QPixmap m_picture;
    const ThemeHub& m_theme;
};

/// The last takes, newest at the left.
class TakeStrip : public QScrollArea
{
    Q_OBJECT

public:
    explicit TakeStrip(const ThemeHub& theme, QWidget* parent = nullptr);

    /// Newest first. Reads a picture for takes it has not seen yet.
    void setTakes(const dataset::Project* project, const std::vector<TakeSummary>& takes);
    int count() const { return m_count; }

Q_SIGNALS:
    void takeClicked(qint64 recordingId);

private:
    QPixmap pictureOf(const dataset::Project& project, const dataset::Recording& recording);

    const ThemeHub& m_theme;
    QWidget* m_row;
    QMap<QString, QPixmap> m_pictures; ///< by content, so that a relabelled take is not read again
    int m_count = 0;
};

} // namespace ember::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAbstractButton>
#include <QFrame>

class QGridLayout;

namespace ember::gui {

class DeviceSession;
class ThemeHub;

/// Always there: which board, its state and rate, and how much was lost. Click shows the ledger.
class DevicePill : public QAbstractButton
{
    Q_OBJECT

public:
    DevicePill(const DeviceSession& devices, const ThemeHub& theme, QWidget* parent = nullptr);

    QSize sizeHint() const override;
    QString lostText() const;

Q_SIGNALS:
    void devicesRequested();

protected:
    void paintEvent(QPaintEvent*) override;

private:
    QColor stateColour() const;
    QString mainText() const;
    void openLedger();

    const DeviceSession& m_devices;
    const ThemeHub& m_theme;
};

/// What came over the link and what did not, number by number; follows the session while it is open.
class LedgerPopup : public QFrame
{
    Q_OBJECT

public:
    LedgerPopup(const DeviceSession& devices, const ThemeHub& theme, QWidget* parent = nullptr);

Q_SIGNALS:
    void devicesRequested();

private:
    void refresh();

    const DeviceSession& m_devices;
    QGridLayout* m_grid;
};

} // namespace ember::gui

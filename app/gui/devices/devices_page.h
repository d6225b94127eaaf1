// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/gui/shell/page.h"
#include "core/device/board.h"
#include "core/device/discovery.h"

#include <QMap>
#include <QTimer>

#include <vector>

class QLineEdit;
class QLabel;
class QPlainTextEdit;

namespace ember::gui {

class BoardCard;
class CardGrid;
class Facts;
class FeedChoice;
class FormatPanel;
class Inspector;

/// Emulated boards and serial ports as cards in one list; what the connected board says of itself at the right.
class DevicesPage : public Page
{
    Q_OBJECT

public:
    explicit DevicesPage(AppContext& context);

    void activated() override;
    void deactivated() override;

    /// Starts an emulated board; the one used last when `id` is empty.
    void startBoard(const QString& id);

private:
    void buildFeedChoice();
    QWidget* buildAddressField();
    void buildCards();
    void refreshPorts();
    void refreshCards();
    void refreshInspector();
    void refreshMainAction();
    void refreshNotice();
    void onCardButton(const QString& key);
    void select(const QString& key);
    void connectPort(const QString& name);
    void refreshFeedChoice();
    const device::Board* findBoard(const QString& id) const;
    bool isConnected(const QString& key) const;

    std::vector<device::Board> m_boards;
    std::vector<device::PortInfo> m_ports;
    QMap<QString, BoardCard*> m_cards;
    CardGrid* m_emulatedGrid;
    CardGrid* m_portGrid;
    QLabel* m_noPorts;
    FeedChoice* m_feed;
    FeedChoice* m_secondFeed;
    QLabel* m_secondFeedLabel = nullptr;
    QLineEdit* m_address;
    Inspector* m_inspector;
    Facts* m_facts;
    Facts* m_streams;
    FormatPanel* m_format;
    QPlainTextEdit* m_log;
    QAction* m_main;
    QAction* m_disconnect;
    QTimer m_portTimer;
    QString m_selected;
};

} // namespace ember::gui

// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QList>

class QAction;

namespace ember::gui {

struct AppContext;
class Page;

/// Every page in the order of the work; a new page is one folder and one line here. The caller takes ownership.
QList<Page*> makePages(AppContext& context);

/// The action that starts and ends a take; null when `page` is not the capture page.
QAction* recordActionOf(Page* page);

} // namespace ember::gui

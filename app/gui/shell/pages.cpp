// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/gui/shell/pages.h"

#include "app/gui/capture/capture_page.h"
#include "app/gui/compare/compare_page.h"
#include "app/gui/dataset/dataset_page.h"
#include "app/gui/deploy/deploy_page.h"
#include "app/gui/devices/devices_page.h"
#include "app/gui/features/features_page.h"
#include "app/gui/train/train_page.h"

namespace ember::gui {

QList<Page*> makePages(AppContext& context)
{
    return {
        new DevicesPage(context), // the order of the work
        new CapturePage(context), new DatasetPage(context), new FeaturesPage(context),
        new TrainPage(context),   new ComparePage(context), new DeployPage(context),
    };
}

QAction* recordActionOf(Page* page)
{
    const auto* capture = qobject_cast<CapturePage*>(page);
    return capture ? capture->recordAction() : nullptr;
}

} // namespace ember::gui

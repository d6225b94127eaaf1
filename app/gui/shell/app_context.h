// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

namespace ember::gui {

class ActionRegistry;
class DeviceSession;
class JobQueue;
class Navigator;
class ProjectSession;
class ThemeHub;
class ToastHost;
class UiSettings;

/// What every page may use; all of it outlives the pages. Handed down by reference: there are no globals.
struct AppContext
{
    const ThemeHub& theme;
    UiSettings& settings;
    JobQueue& jobs;
    ActionRegistry& actions;
    ToastHost& toasts;
    ProjectSession& project;
    DeviceSession& devices;
    Navigator& navigator;
};

} // namespace ember::gui

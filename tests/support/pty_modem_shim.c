// SPDX-License-Identifier: GPL-3.0-or-later
// Preloaded into tests: a pseudo-terminal has no modem lines and answers their ioctls with ENOTTY, which libserialport
// takes for a broken port. This answers them in its place, so that the library's real code runs against a pty.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdarg.h>
#include <sys/ioctl.h>

static int lines = TIOCM_DTR | TIOCM_RTS | TIOCM_CTS | TIOCM_DSR;

static int answer(unsigned long request, int *argument)
{
    switch (request) {
    case TIOCMGET: *argument = lines; return 0;
    case TIOCMSET: lines = *argument; return 0;
    case TIOCMBIS: lines |= *argument; return 0;
    case TIOCMBIC: lines &= ~*argument; return 0;
    default: return -1;
    }
}

/// The lines as they were set last, for tests that look it up with dlsym.
int emberModemLines(void)
{
    return lines;
}

int ioctl(int fd, unsigned long request, ...)
{
    static int (*real)(int, unsigned long, void *);
    va_list list;
    va_start(list, request);
    void *argument = va_arg(list, void *);
    va_end(list);
    if (!real)
        *(void **)&real = dlsym(RTLD_NEXT, "ioctl");
    const int result = real(fd, request, argument);
    if (result < 0 && errno == ENOTTY && answer(request, argument) == 0)
        return 0;
    return result;
}

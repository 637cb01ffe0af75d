// What a host needs so that it is recorded from now on: a folder, and somebody who starts the runs.
//
// In:    the accounts, systemd's folders and cron's as they are; the path of this program.
// Out:   the state folder, for the user of the service where there is one; a link that enables the
//        timer, or a file for cron; a line for each that says what was done.
// Never: starts a program; changes or removes what it did not make; takes away what was recorded.
#pragma once

namespace sockwitness::recorder {

enum class SetupMode { Make, DryRun };

// Throws schema::Error. What is there already is told, and left.
void set_up_host(SetupMode mode);

// Takes back what set_up_host() made, but for a folder that holds something.
void undo_host_setup(SetupMode mode);

}  // namespace sockwitness::recorder

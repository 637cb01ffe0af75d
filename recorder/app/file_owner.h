// As whom root goes on when the file is another user's: as that user.
//
// In:    the path of the database; the effective user.
// Out:   root keeps none of root's ways to write: what is made beside the file belongs to whom the
//        file belongs to, who can use all of it afterwards. The rights to look at the host stay
//        where they are needed.
// Never: becomes a user whose folder or file others may write to, or one with a file in somebody
//        else's folder; with rights, one that people log in as: what such a file holds is not to be
//        read with rights over all processes.
#pragma once

#include <string>

namespace sockwitness::recorder {

enum class RightsToKeep { None, Looking };

// Does nothing for anybody but root, and for what is root's own or not as above: opening the file
// then says why it is refused. Throws schema::Error when nothing answers there, or when the change
// fails half-way. Before any thread starts.
void become_owner(const std::string& database_path, RightsToKeep rights);

}  // namespace sockwitness::recorder

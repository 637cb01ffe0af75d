# Packages, by one command in the folder of a finished build: cpack -G DEB, or cpack -G RPM.
# Two of them: who only asks needs no recorder, and who only records needs no questions.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME sockwitness)
set(CPACK_PACKAGE_VENDOR sockwitness)
set(SOCKWITNESS_CONTACT "sockwitness <sockwitness@sockwitness.invalid>" CACHE STRING "Who maintains the packages")
set(CPACK_PACKAGE_CONTACT ${SOCKWITNESS_CONTACT})
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_SET_DESTDIR OFF)
set(CPACK_STRIP_FILES ON)
set(CPACK_COMPONENTS_ALL query recorder)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

set(query_summary "questions to the recorded sockets and processes of a host")
set(query_text "Answers from a file that sockwitness-recorder has written: what listens,
who owns it, what changed, since when, what looks suspicious, and what could
not be seen. Works on a copy on another machine, and never changes a byte of
it.")
set(recorder_summary "records all sockets and processes of a host")
set(recorder_text "Writes snapshots of all sockets, their owners and all processes, in every
network namespace, into one SQLite file, from cron or a systemd timer. Nothing
is started unless somebody asks for it, by sockwitness-recorder setup or by
hand.")

# Debian -----------------------------------------------------------------------------------------------------------
set(packaging ${CMAKE_CURRENT_LIST_DIR})
set(made ${CMAKE_BINARY_DIR}/packaging)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
set(CPACK_DEBIAN_QUERY_PACKAGE_NAME sockwitness)
set(CPACK_DEBIAN_QUERY_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_QUERY_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_QUERY_PACKAGE_SUGGESTS sockwitness-recorder)
set(CPACK_DEBIAN_QUERY_DESCRIPTION "${query_summary}\n${query_text}")
set(CPACK_DEBIAN_RECORDER_PACKAGE_NAME sockwitness-recorder)
set(CPACK_DEBIAN_RECORDER_PACKAGE_SECTION admin)
set(CPACK_DEBIAN_RECORDER_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_RECORDER_PACKAGE_DEPENDS "adduser")
set(CPACK_DEBIAN_RECORDER_PACKAGE_RECOMMENDS "sockwitness, systemd | cron")
set(CPACK_DEBIAN_RECORDER_DESCRIPTION "${recorder_summary}\n${recorder_text}")
set(CPACK_DEBIAN_RECORDER_PACKAGE_CONTROL_EXTRA
  "${packaging}/debian/postinst;${packaging}/debian/prerm;${packaging}/debian/postrm;${packaging}/debian/conffiles")

# What a Debian package has besides its files; finish_debian.cmake compresses what is to be.
find_program(GZIP_PROGRAM gzip)
configure_file(${packaging}/debian/changelog.in ${made}/changelog @ONLY)
configure_file(${packaging}/finish_debian.cmake.in ${made}/finish_debian.cmake @ONLY)
set(CPACK_PRE_BUILD_SCRIPTS ${made}/finish_debian.cmake)

# Others -----------------------------------------------------------------------------------------------------------
set(CPACK_RPM_COMPONENT_INSTALL ON)
set(CPACK_RPM_FILE_NAME RPM-DEFAULT)
set(CPACK_RPM_PACKAGE_RELEASE 1)
set(CPACK_RPM_PACKAGE_LICENSE Apache-2.0)
set(CPACK_RPM_PACKAGE_AUTOREQ ON)
set(CPACK_RPM_QUERY_PACKAGE_NAME sockwitness)
set(CPACK_RPM_QUERY_PACKAGE_SUMMARY "${query_summary}")
set(CPACK_RPM_QUERY_PACKAGE_DESCRIPTION "${query_text}")
set(CPACK_RPM_RECORDER_PACKAGE_NAME sockwitness-recorder)
set(CPACK_RPM_RECORDER_PACKAGE_SUMMARY "${recorder_summary}")
set(CPACK_RPM_RECORDER_PACKAGE_DESCRIPTION "${recorder_text}")
set(CPACK_RPM_RECORDER_USER_FILELIST "%config(noreplace) /etc/default/sockwitness-recorder")
set(CPACK_RPM_RECORDER_POST_INSTALL_SCRIPT_FILE ${packaging}/rpm/post)
set(CPACK_RPM_EXCLUDE_FROM_AUTO_FILELIST_ADDITION /etc /etc/default /usr/share/man
  /usr/share/man/man1 /usr/share/man/man5 /usr/share/man/man8 /usr/lib/systemd /usr/lib/systemd/system
  /usr/lib/sysusers.d /usr/share/zsh /usr/share/zsh/site-functions /usr/share/fish /usr/share/fish/vendor_completions.d
  /usr/share/bash-completion /usr/share/bash-completion/completions)
include(CPack)

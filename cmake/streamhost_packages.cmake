# Debian packages, by `tools/make-packages`: `streamhost` to run hosts, `streamhost-dev` to build modules.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME streamhost)
set(CPACK_PACKAGE_VENDOR "the streamhost authors")
set(CPACK_PACKAGE_CONTACT "the streamhost authors <streamhost@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_COMPONENTS_ALL runtime dev)
set(CPACK_COMPONENTS_GROUPING IGNORE)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)

set(CPACK_DEBIAN_RUNTIME_PACKAGE_NAME streamhost)
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SECTION video)
# The first line is the summary.
set(CPACK_COMPONENT_RUNTIME_DESCRIPTION "media and telemetry node that a JSON file describes
A robot's video server, an operator's console, a relay, a player, a viewer:
the program is the same, the topology file differs. With the modules, with a
topology for each role, and with the service streamhost@ROLE.")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS "${CMAKE_LIBRARY_OUTPUT_DIRECTORY}")
set(CPACK_DEBIAN_RUNTIME_PACKAGE_CONTROL_EXTRA
  "${PROJECT_SOURCE_DIR}/packaging/postinst"
  "${PROJECT_SOURCE_DIR}/packaging/prerm"
  "${PROJECT_SOURCE_DIR}/packaging/postrm")

# What the public headers include, of the very version that the library was built with: modules have to have the same.
string(REGEX MATCH "^[0-9]+[.][0-9]+" boost_series "${Boost_VERSION}")
set(CPACK_DEBIAN_DEV_PACKAGE_NAME streamhost-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_COMPONENT_DEV_DESCRIPTION "SDK of streamhost: headers, CMake package, project templates
What building modules for streamhost takes: streamhost new-module writes a
project for one.")
string(JOIN ", " CPACK_DEBIAN_DEV_PACKAGE_DEPENDS
  "streamhost (= ${PROJECT_VERSION}-${CPACK_DEBIAN_PACKAGE_RELEASE})"
  "libboost${boost_series}-dev" "libboost-json${boost_series}-dev" libfmt-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS "g++, cmake (>= 3.25), ninja-build | make, libgtest-dev")

include(CPack)

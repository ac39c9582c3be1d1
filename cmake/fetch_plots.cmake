# Puts uplot.js and uplot.css into FOLDER, as package-lock.json of SOURCE pins them:
#   cmake -D npm=NPM -D wanted=AUTO|ON|OFF -D source=SOURCE -D folder=FOLDER -P fetch_plots.cmake
# Where they cannot be had, both are empty, and it says so; with ON that is an error.
file(MAKE_DIRECTORY "${folder}")
set(why "")
if(wanted STREQUAL OFF)
  set(why "they were not wanted")
elseif(NOT npm)
  set(why "npm is missing")
else()
  file(COPY "${source}/package.json" "${source}/package-lock.json" DESTINATION "${folder}")
  execute_process(
    COMMAND "${npm}" ci --ignore-scripts --no-audit --no-fund --no-update-notifier --fetch-retries=1 --fetch-timeout=30000
    WORKING_DIRECTORY "${folder}" RESULT_VARIABLE result OUTPUT_VARIABLE said ERROR_VARIABLE said TIMEOUT 180)
  if(NOT result EQUAL 0)
    string(REGEX MATCH "npm [A-Za-z]+!?[^\n]*" first "${said}")
    set(why "npm could not fetch them: ${first}")
  endif()
endif()

if(why STREQUAL "")
  set(built "${folder}/node_modules/uplot/dist")
  file(COPY_FILE "${built}/uPlot.iife.min.js" "${folder}/uplot.js")
  file(COPY_FILE "${built}/uPlot.min.css" "${folder}/uplot.css")
elseif(wanted STREQUAL ON)
  message(FATAL_ERROR "The plots of web.console: ${why} (STREAMHOST_WEB_PLOTS is ON)")
else()
  message(STATUS "web.console is built without plots, its page shows last values: ${why}")
  file(WRITE "${folder}/uplot.js" "")
  file(WRITE "${folder}/uplot.css" "")
endif()

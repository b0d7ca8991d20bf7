"""What Livy has heard when a batch ends before its driver began. *contract*: no Livy and no YARN can be had here.

The words are those of Spark 3.5 (SparkSubmit.scala, MavenUtils.scala, Ivy 2.5), of its YARN client and of Hadoop's
CapacityScheduler, with what comes behind them: Java's stack, Spark's farewell, that of HDInsight's file system.
"""

STACK = """\
\tat org.apache.spark.util.MavenUtils$.resolveMavenCoordinates(MavenUtils.scala:462)
\tat org.apache.spark.util.DependencyUtils$.resolveMavenDependencies(DependencyUtils.scala:185)
\tat org.apache.spark.deploy.SparkSubmit.prepareSubmitEnvironment(SparkSubmit.scala:339)
\tat org.apache.spark.deploy.SparkSubmit.org$apache$spark$deploy$SparkSubmit$$runMain(SparkSubmit.scala:955)
\tat org.apache.spark.deploy.SparkSubmit.doSubmit(SparkSubmit.scala:90)
\tat org.apache.spark.deploy.SparkSubmit$$anon$2.doSubmit(SparkSubmit.scala:1120)
\tat org.apache.spark.deploy.SparkSubmit$.main(SparkSubmit.scala:1129)
\tat org.apache.spark.deploy.SparkSubmit.main(SparkSubmit.scala)
"""
FAREWELL = """\
26/01/02 03:04:06 INFO ShutdownHookManager: Shutdown hook called
26/01/02 03:04:06 INFO ShutdownHookManager: Deleting directory /tmp/spark-0a1b2c3d-0000-4000-8000-0123456789ab
26/01/02 03:04:06 INFO MetricsSystemImpl: Stopping azure-file-system metrics system...
26/01/02 03:04:06 INFO MetricsSystemImpl: azure-file-system metrics system stopped.
26/01/02 03:04:06 INFO MetricsSystemImpl: azure-file-system metrics system shutdown complete.
"""
RESOLVING = """\
:: loading settings :: url = jar:file:/opt/spark/jars/ivy-2.5.1.jar!/org/apache/ivy/core/settings/ivysettings.xml
Ivy Default Cache set to: /home/livy/.ivy2/cache
The jars for the packages stored in: /home/livy/.ivy2/jars
org.example#connector_2.12 added as a dependency
:: resolving dependencies :: org.apache.spark#spark-submit-parent-5c1b3d0e-0000-4000-8000-0123456789ab;1.0
\tconfs: [default]
:: resolution report :: resolve 2193ms :: artifacts dl 0ms
\t:: modules in use:
\t---------------------------------------------------------------------
\t|                  |            modules            ||   artifacts   |
\t|       conf       | number| search|dwnlded|evicted|| number|dwnlded|
\t---------------------------------------------------------------------
\t|      default     |   1   |   0   |   0   |   0   ||   0   |   0   |
\t---------------------------------------------------------------------

:: problems summary ::
:::: WARNINGS
\t\tmodule not found: org.example#connector_2.12;9.9

\t==== local-m2-cache: tried

\t  file:/home/livy/.m2/repository/org/example/connector_2.12/9.9/connector_2.12-9.9.pom

\t==== repo-1: tried

\t  https://repo.example/maven2/org/example/connector_2.12/9.9/connector_2.12-9.9.pom

\t\t::::::::::::::::::::::::::::::::::::::::::::::

\t\t::          UNRESOLVED DEPENDENCIES         ::

\t\t::::::::::::::::::::::::::::::::::::::::::::::

\t\t:: org.example#connector_2.12;9.9: not found

\t\t::::::::::::::::::::::::::::::::::::::::::::::


"""
UNANSWERED = """\
:::: ERRORS
\tServer access error at url https://repo.example/maven2/org/example/connector_2.12/9.9/connector_2.12-9.9.pom \
(java.net.ConnectException: Connection refused (Connection refused))

"""
HINT = """\

:: USE VERBOSE OR DEBUG MESSAGE LEVEL FOR MORE DETAILS
"""
UNRESOLVED = (
    'Exception in thread "main" java.lang.RuntimeException: [unresolved dependency: org.example#connector_2.12;9.9: '
    "not found]\n"
)
NO_QUEUE = """\
26/01/02 03:04:05 INFO Client: Submitting application application_1700000000000_0007 to ResourceManager
26/01/02 03:04:05 INFO Client: Deleted staging directory hdfs://name/user/livy/.sparkStaging/application_1700000000000\
_0007
Exception in thread "main" org.apache.hadoop.yarn.exceptions.YarnException: Failed to submit application_1700000000000\
_0007 to YARN : Application application_1700000000000_0007 submitted by user livy to unknown queue: gold
\tat org.apache.hadoop.yarn.client.api.impl.YarnClientImpl.submitApplication(YarnClientImpl.java:336)
\tat org.apache.spark.deploy.yarn.Client.submitApplication(Client.scala:229)
\tat org.apache.spark.deploy.SparkSubmit.main(SparkSubmit.scala)
"""
UNPREPARED = {
    "unresolved dependency": (
        RESOLVING + HINT + UNRESOLVED + STACK + FAREWELL,
        "Spark could not get org.example:connector_2.12:9.9.",
        "Correct group, artifact and version",
    ),
    "silent repository": (
        RESOLVING + UNANSWERED + HINT + UNRESOLVED + STACK,
        "These repositories did not answer: https://repo.example/maven2 (java.net.ConnectException",
        "must reach it",
    ),
    "unknown queue": (NO_QUEUE + FAREWELL, "YARN has no queue gold", "correct the queue of the target"),
}

# Formats the data folder at the first start, then becomes the broker. KAFKA_ADVERTISED: where clients reach it.
set -eu
export CLASSPATH='/opt/kafka/libs/*'
run="java -Xms256m -Xmx${KAFKA_HEAP:-512m} -Djava.awt.headless=true"
sed "s|ADVERTISED|${KAFKA_ADVERTISED:-kafka:9092}|" /opt/kafka/container.properties > /data/server.properties
if [ ! -f /data/log/meta.properties ]; then
  $run kafka.tools.StorageTool format --ignore-formatted -c /data/server.properties \
    -t "$($run kafka.tools.StorageTool random-uuid)"
fi
exec $run kafka.Kafka /data/server.properties

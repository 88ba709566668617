#!/bin/sh
# Starts the laptop's Kubernetes, unless .env chooses another one or none.
set -eu
if [ "${AIRFLOW__METAFLOW__RUNNER:-kubernetes}" = local ] || [ -n "${AIRFLOW_CONN_KUBERNETES_DEFAULT:-}" ]; then
  echo "No Kubernetes is started here: .env chooses the local runner or another cluster."
  touch /run/not-wanted
  trap 'exit 0' TERM INT
  while :; do sleep 1; done
fi
# k3s applies what lies here as soon as it runs: the pods' namespace and the secret with their keys.
manifests=/var/lib/rancher/k3s/server/manifests
mkdir -p "$manifests"
cp /settings/kubernetes/metaflow.json "$manifests/metaflow.json"
# The kubeconfig names the address that the API server is bound to: one that other containers reach.
exec k3s server --bind-address "$NODE_ADDRESS" --write-kubeconfig /kubeconfig/config --write-kubeconfig-mode 644 \
  --disable traefik,servicelb,metrics-server,local-storage

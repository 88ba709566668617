#!/bin/sh
# Healthy: pods can start, and find their image and their keys; or Kubernetes is not used.
[ -e /run/not-wanted ] && exit
export KUBECONFIG=/kubeconfig/config
kubectl get nodes --no-headers 2>/dev/null | grep -q ' Ready' &&
  kubectl get secret --namespace metaflow metaflow-s3 --output name > /dev/null 2>&1 &&
  ctr images ls -q | grep -q "/$STEP_IMAGE\$"

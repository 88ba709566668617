#!/bin/sh
# Builds the image of the flows' pods with the laptop's Docker and hands it to k3s as an archive, so that no registry
# is needed. The Astro CLI does not build the images of docker-compose.override.yml itself.
set -eu
cd /project
tar -c include/step_image constraints.txt |
  docker build --quiet --file include/step_image/Dockerfile --tag "$STEP_IMAGE" - > /dev/null
built=$(docker image inspect --format '{{.Id}}' "$STEP_IMAGE")
if [ "$built" = "$(cat /images/step-image.id 2>/dev/null)" ]; then
  echo "$STEP_IMAGE is what k3s has."
  exit
fi
# Under another name first: k3s imports a .tar file as soon as it sees one.
docker save --output /images/step-image.part "$STEP_IMAGE"
mv /images/step-image.part /images/step-image.tar
echo "$built" > /images/step-image.id
echo "$STEP_IMAGE is handed to k3s."

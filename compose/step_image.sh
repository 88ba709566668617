#!/bin/sh
# Builds the image of the pods with the local Docker and passes it to k3s as an archive: no registry is needed. (The
# Astro CLI does not build the images of docker-compose.override.yml.)
set -eu
cd /project
tar -c include/step_image constraints.txt |
  docker build --quiet --file include/step_image/Dockerfile --tag "$STEP_IMAGE" - > /dev/null
built=$(docker image inspect --format '{{.Id}}' "$STEP_IMAGE")
if [ "$built" = "$(cat /images/step-image.id 2>/dev/null)" ]; then
  echo "k3s already has this $STEP_IMAGE."
  exit
fi
# With another suffix first: k3s imports a .tar file as soon as it appears.
docker save --output /images/step-image.part "$STEP_IMAGE"
mv /images/step-image.part /images/step-image.tar
echo "$built" > /images/step-image.id
echo "k3s imports $STEP_IMAGE."

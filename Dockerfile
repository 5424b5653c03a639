# docker build --build-arg COMMIT="$(git describe --always --dirty --abbrev=40 --exclude '*')" -t grokking .
# docker run --rm --user "$(id -u):$(id -g)" -v "$PWD:/build" grokking lyu2024_figure_1a    # results/ in this folder, yours
# With a GPU: docker run --gpus all … --config device=cuda. Versions and hashes of what it needs to run are those of requirements.lock.
FROM python:3.11-slim
WORKDIR /grokking
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
# Any user may read the code, which was perhaps cloned under a strict umask, and write results.
RUN pip install --no-cache-dir --no-deps --editable . && chmod --recursive a+rX . && mkdir --mode=1777 /build
# The image holds no .git, whose config may hold a password. A user of the host has no home and no name here.
ARG COMMIT=""
ENV GROKKING_COMMIT=$COMMIT
ENV HOME=/tmp
ENV USER=grokking
ENTRYPOINT ["snakemake", "--snakefile", "/grokking/Snakefile", "--directory", "/build", "--cores", "all"]

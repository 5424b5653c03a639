# docker build -t grokking . && docker run --rm -v "$PWD/results:/grokking/results" grokking lyu2024_figure_1a
# With a GPU: docker run --gpus all … --config device=cuda. Versions and hashes of what it needs to run are those of requirements.lock.
FROM python:3.11-slim
WORKDIR /grokking
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY . .
RUN pip install --no-cache-dir --no-deps --editable .
ENV XDG_CACHE_HOME=/grokking/.snakemake/cache
ENTRYPOINT ["snakemake", "--cores", "all"]

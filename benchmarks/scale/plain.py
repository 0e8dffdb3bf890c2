"""A plain question-answering bot over a file of articles: what people would write otherwise.

It follows llama-index's pages on loading, on storing and on Chroma. There is no language model on either
side: the answer is what was found. It needs llama-index-vector-stores-chroma, which Footnote does not: see
`beside.py`.
"""

import json
from pathlib import Path

import chromadb
from common import RawModel
from llama_index.core import Document, StorageContext, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.node_parser import SentenceSplitter
from llama_index.vector_stores.chroma import ChromaVectorStore


class MiniLM(BaseEmbedding):
    """The bundled model behind llama-index's interface."""

    def _get_text_embedding(self, text):
        return self._get_text_embeddings([text])[0]

    def _get_text_embeddings(self, texts):
        return MODEL.embed(texts, batch=4, workers=2).tolist()

    def _get_query_embedding(self, query):
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query):
        return self._get_text_embedding(query)


MODEL = RawModel(1)
EMBED = MiniLM(embed_batch_size=64)


class PlainBot:
    """Builds, opens and asks."""

    def __init__(self, articles, data):
        """`articles` is a .jsonl file, `data` the folder of the index."""
        self.articles, self.data = Path(articles), str(data)

    def build(self):
        """Everything anew."""
        rows = [json.loads(line) for line in self.articles.read_text("utf-8").splitlines()]
        documents = [
            Document(doc_id=r["id"], text=r["text"], metadata={"title": r["title"]} if r["title"] else {})
            for r in rows
        ]
        client = chromadb.PersistentClient(self.data)
        if "news" in [collection.name for collection in client.list_collections()]:
            client.delete_collection("news")
        context = StorageContext.from_defaults(
            vector_store=ChromaVectorStore(chroma_collection=client.create_collection("news"))
        )
        VectorStoreIndex.from_documents(
            documents, storage_context=context, embed_model=EMBED, transformations=[SentenceSplitter()]
        )

    def load(self):
        """Open what is there."""
        collection = chromadb.PersistentClient(self.data).get_collection("news")
        index = VectorStoreIndex.from_vector_store(ChromaVectorStore(collection), embed_model=EMBED)
        self.retriever = index.as_retriever(similarity_top_k=4)

    def ask(self, question):
        """The four best nodes."""
        return self.retriever.retrieve(question)

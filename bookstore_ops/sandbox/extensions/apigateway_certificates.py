"""Certificates with which REST APIs show themselves to what is behind them."""

import datetime as dt

from moto.apigateway.responses import APIGatewayResponse
from moto.moto_api._internal import mock_random

from bookstore_ops.sandbox.services import Answer, Call, Service

_service = Service("apigateway", APIGatewayResponse)
_certificates = _service.collection("ClientCertificate", missing="NotFoundException")

_PEM = "-----BEGIN CERTIFICATE-----\nc2FuZGJveA==\n-----END CERTIFICATE-----\n"


@_service.adds("GenerateClientCertificate")
def generate_client_certificate(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GenerateClientCertificate.html"""
    key = mock_random.get_random_hex(6)
    now = dt.datetime.now(dt.UTC)
    certificate = {
        "clientCertificateId": key,
        "description": call.given.get("description"),
        "pemEncodedCertificate": _PEM,
        "createdDate": now,
        "expirationDate": now + dt.timedelta(days=365),
        "tags": call.given.get("tags") or {},
    }
    _certificates.add(call, key, certificate)
    return certificate


@_service.adds("GetClientCertificate")
def get_client_certificate(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetClientCertificate.html"""
    certificate: Answer = _certificates.find(call, call.given["clientCertificateId"])
    return certificate


@_service.adds("GetClientCertificates")
def get_client_certificates(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_GetClientCertificates.html"""
    return {"items": list(_certificates.of(call).values())}


@_service.adds("UpdateClientCertificate")
def update_client_certificate(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_UpdateClientCertificate.html"""
    certificate = _certificates.find(call, call.given["clientCertificateId"])
    for operation in call.given.get("patchOperations", []):
        certificate[operation["path"].strip("/")] = operation.get("value")
    answered: Answer = certificate
    return answered


@_service.adds("DeleteClientCertificate")
def delete_client_certificate(call: Call) -> Answer:
    """https://docs.aws.amazon.com/apigateway/latest/api/API_DeleteClientCertificate.html"""
    _certificates.remove(call, call.given["clientCertificateId"])
    return {}

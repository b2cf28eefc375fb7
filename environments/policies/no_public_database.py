"""No database can be reached from the internet."""

# RDS, DocumentDB, Redshift, DMS: the same attribute everywhere.
_WITH_A_SWITCH = (
    "aws_db_instance",
    "aws_rds_cluster_instance",
    "aws_redshift_cluster",
    "aws_dms_replication_instance",
)
_ANYWHERE = {"0.0.0.0/0", "::/0"}
# PostgreSQL, MySQL, Redis, OpenSearch, SQL Server, Oracle, MongoDB.
_DATABASE_PORTS = (5432, 3306, 6379, 9200, 1433, 1521, 27017)


def check(plan):
    for database in plan.of_type(*_WITH_A_SWITCH):
        if database.after.get("publicly_accessible"):
            yield database, "publicly_accessible is true: it gets an address on the internet"
    for domain in plan.of_type("aws_opensearch_domain"):
        if not domain.after.get("vpc_options") and not domain.is_unknown("vpc_options"):
            yield domain, "it has no vpc_options: its endpoint is on the internet"
    for rule in plan.of_type("aws_vpc_security_group_ingress_rule"):
        sources = {rule.after.get("cidr_ipv4"), rule.after.get("cidr_ipv6")}
        yield from _opened(rule, sources, rule.after)
    for rule in plan.of_type("aws_security_group_rule"):
        if rule.after.get("type") == "ingress":
            yield from _opened(rule, _sources(rule.after), rule.after)
    for group in plan.of_type("aws_security_group"):
        for block in group.after.get("ingress") or ():
            yield from _opened(group, _sources(block), block)


def _sources(rule):
    return {*(rule.get("cidr_blocks") or ()), *(rule.get("ipv6_cidr_blocks") or ())}


def _opened(resource, sources, ports):
    if not sources & _ANYWHERE:
        return
    protocol = str(ports.get("ip_protocol") or ports.get("protocol"))
    first, last = ports.get("from_port"), ports.get("to_port")
    every = protocol == "-1" or first is None or last is None
    opened = [port for port in _DATABASE_PORTS if every or first <= port <= last]
    if opened and protocol in {"-1", "tcp", "6"}:
        names = ", ".join(map(str, opened))
        yield resource, f"it opens the ports of databases to everybody: {names}"

"""Which fields the rows of each list have, and of which types: generated, so longer than other modules.

A list is named by its path; its fields are grouped by the types of their values: `boolean`, `number`, `text`,
`list`, `object` (with fields of its own), `map` (with keys that users choose), several with `|`. Every field
may be null. Written by `python tests/support/row_fields.py FOLDER` from EMQX's documents (5.0 to 6.2.2)
and recordings.
"""

FIELDS: dict[str, dict[str, str]] = {
    "/a2a/cards/list": {
        "text": "agent_id description id name namespace org_id raw status unit_id version",
    },
    "/actions": {
        "boolean": "enable",
        "list": "fallback_actions node_status rules tags",
        "number": "created_at last_modified_at",
        "object": "parameters resource_opts",
        "text": "connector description error local_topic name namespace status status_reason type",
    },
    "/actions_summary": {
        "boolean": "enable",
        "list": "node_status referenced_as_fallback_action_by rules tags",
        "number": "created_at last_modified_at",
        "text": "description name namespace status status_reason type",
    },
    "/ai/completion_profiles": {
        "number": "max_tokens",
        "text": "model name provider_name system_prompt type",
    },
    "/ai/providers": {
        "object": "transport_options",
        "text": "anthropic_version api_key base_url name type",
    },
    "/alarms": {
        "map": "details",
        "number": "duration",
        "text": "activate_at deactivate_at message name node",
    },
    "/api_key": {
        "boolean": "enable expired",
        "list": "scopes",
        "text": "api_key created_at desc expired_at name namespace role",
    },
    "/audit": {
        "list": "data",
        "list|text": "args",
        "number": "duration_ms",
        "number|text": "http_status_code",
        "object": "meta",
        "object|text": "failure http_request",
        "text": (
            "created_at from http_method node operation_id operation_result operation_type source source_ip"
        ),
    },
    "/authentication": {
        "boolean": (
            "auto_reconnect disable_prepared_statements disconnect_after_expire enable "
            "secret_base64_encoded srv_record"
        ),
        "boolean|text": "use_jwks",
        "list": "checks",
        "list|map": "verify_claims",
        "map": "body headers",
        "map|text": "filter",
        "number": "enable_pipelining iteration_count max_retries pool_size refresh_interval",
        "number|text": "database",
        "object": "password_hash_algorithm request ssl topology",
        "object|text": "method",
        "text": (
            "acl_claim_name acl_rule_attribute acl_ttl_attribute algorithm all_attribute "
            "auth_source backend base_dn bind_password bootstrap_file bootstrap_type "
            "clientid_override_field cmd collection connect_timeout endpoint from id "
            "is_superuser_attribute is_superuser_field max_inactive mechanism mongo_type "
            "on_missing_jwt password password_attribute password_hash_field precondition principal "
            "public_key publish_attribute query query_timeout r_mode redis_type replica_set_name "
            "request_timeout retry_interval salt_field secret sentinel sentinel_password "
            "sentinel_username server servers subscribe_attribute url use_legacy_protocol "
            "user_id_type username w_mode"
        ),
    },
    "/authentication/{id}/users": {
        "boolean": "is_superuser",
        "text": "namespace user_id",
    },
    "/authorization/sources": {
        "boolean": "auto_reconnect disable_prepared_statements enable srv_record",
        "map": "body headers prepare_statement",
        "map|text": "filter",
        "number": "enable_pipelining limit max_retries max_rules pool_size skip",
        "number|text": "database",
        "object": "request ssl topology",
        "text": (
            "acl_rule_attribute all_attribute auth_source base_dn cmd collection compatibility_mode "
            "connect_timeout max_inactive method mongo_type password path publish_attribute query "
            "query_timeout r_mode redis_type replica_set_name request_timeout retry_interval rules "
            "sentinel sentinel_password sentinel_username server servers subscribe_attribute type "
            "url use_legacy_protocol username w_mode"
        ),
    },
    "/authorization/sources/built_in_database/rules/all": {
        "boolean|text": "retain",
        "list": "qos",
        "text": ("action clientid_re ipaddr listener listener_re permission topic username_re zone zone_re"),
    },
    "/authorization/sources/built_in_database/rules/clients": {
        "list": "rules",
        "text": "clientid",
    },
    "/authorization/sources/built_in_database/rules/clients/{clientid}": {
        "boolean|text": "retain",
        "list": "qos",
        "text": ("action clientid_re ipaddr listener listener_re permission topic username_re zone zone_re"),
    },
    "/authorization/sources/built_in_database/rules/users": {
        "list": "rules",
        "text": "username",
    },
    "/authorization/sources/built_in_database/rules/users/{username}": {
        "boolean|text": "retain",
        "list": "qos",
        "text": ("action clientid_re ipaddr listener listener_re permission topic username_re zone zone_re"),
    },
    "/banned": {
        "number|text": "at until",
        "text": "as by reason who",
    },
    "/bridges": {
        "boolean": (
            "auto_reconnect bridge_mode clean_start details enable is_aligned srv_record summary "
            "undefined_vars_as_null wait_for_publish_confirmations"
        ),
        "list": "attributes_template command_template node_status static_clientids tags topic_mapping",
        "map": "headers request",
        "map|text": "service_account_json",
        "number": "batch_size enable_pipelining max_inflight max_retries pipelining pool_size port",
        "number|text": "database",
        "object": "buffer consumer egress ingress kafka message resource_opts socket_opts ssl topology",
        "object|text": "authentication",
        "text": (
            "access_key auth_source aws_access_key_id aws_secret_access_key base_url "
            "batch_value_separator body bootstrap_hosts bucket clientid_prefix collection "
            "compression connect_timeout cql dbname delivery_mode description device_id direction "
            "driver endpoint exchange grpc_timeout hash_key health_check_topic heartbeat "
            "iotdb_version keepalive key_encoding_mode keyspace local_topic max_batch_bytes "
            "metadata_request_timeout method min_metadata_refresh_interval mode mongo_type name "
            "namespace ordering_key_template org partition_key password payload_template pool_type "
            "precision proto_ver publish_confirmation_timeout pubsub_topic pulsar_topic r_mode "
            "range_key reconnect_interval record_template redis_type refresh_interval region "
            "replica_set_name request_timeout retention_period retry_interval routing_key "
            "secret_key security_token send_buffer sentinel server servers service_name sid sql "
            "status status_reason strategy stream stream_name sync_timeout table template timeout "
            "token topic type url use_legacy_protocol username value_encoding_mode virtual_host "
            "w_mode write_syntax"
        ),
    },
    "/certs/global/list": {
        "text": "name",
    },
    "/certs/ns/{namespace}/list": {
        "text": "name",
    },
    "/clients": {
        "any": "auth_expire_at",
        "boolean": "clean_start connected durable enable_authn is_bridge is_expired is_persistent",
        "list": "ws_cookie",
        "map": "client_attrs",
        "number": (
            "awaitin_rel_cnt awaiting_rel_cnt awaiting_rel_max expiry_interval heap_size "
            "inflight_cnt inflight_max keepalive mailbox_len mqueue_dropped mqueue_len mqueue_max "
            "n_streams port proto_ver recv_cnt recv_msg recv_msg.dropped "
            "recv_msg.dropped.await_pubrel_timeout recv_msg.qos0 recv_msg.qos1 recv_msg.qos2 "
            "recv_oct recv_pkt reductions send_cnt send_msg send_msg.dropped "
            "send_msg.dropped.expired send_msg.dropped.queue_full send_msg.dropped.too_large "
            "send_msg.qos0 send_msg.qos1 send_msg.qos2 send_oct send_pkt seqno_q1_comm seqno_q1_dup "
            "seqno_q1_next seqno_q2_comm seqno_q2_dup seqno_q2_next seqno_q2_rec subscriptions_cnt"
        ),
        "number|text": "connected_at created_at disconnected_at subscriptions_max",
        "text": "clientid impl ip_address listener mountpoint node peersni proto_name username zone",
    },
    "/clients/{clientid}/authorization/cache": {
        "number": "updated_time",
        "object": "access",
        "text": "result topic",
    },
    "/clients/{clientid}/inflight_messages": {
        "number": "publish_at qos",
        "text": "from_clientid from_username inserted_at msgid payload topic",
    },
    "/clients/{clientid}/mqueue_messages": {
        "number": "publish_at qos",
        "number|text": "mqueue_priority",
        "text": "from_clientid from_username inserted_at msgid payload topic",
    },
    "/clients/{clientid}/subscriptions": {
        "boolean": "durable",
        "number": "nl qos rap rh",
        "text": "clientid node topic",
    },
    "/clients_v2": {
        "any": "auth_expire_at mountpoint",
        "boolean": "clean_start connected durable enable_authn is_bridge is_expired is_persistent",
        "list": "ws_cookie",
        "map": "client_attrs",
        "number": (
            "awaitin_rel_cnt awaiting_rel_cnt awaiting_rel_max expiry_interval heap_size "
            "inflight_cnt inflight_max keepalive mailbox_len mqueue_dropped mqueue_len mqueue_max "
            "n_streams port proto_ver recv_cnt recv_msg recv_msg.dropped "
            "recv_msg.dropped.await_pubrel_timeout recv_msg.qos0 recv_msg.qos1 recv_msg.qos2 "
            "recv_oct recv_pkt reductions send_cnt send_msg send_msg.dropped "
            "send_msg.dropped.expired send_msg.dropped.queue_full send_msg.dropped.too_large "
            "send_msg.qos0 send_msg.qos1 send_msg.qos2 send_oct send_pkt seqno_q1_comm seqno_q1_dup "
            "seqno_q1_next seqno_q2_comm seqno_q2_dup seqno_q2_next seqno_q2_rec subscriptions_cnt"
        ),
        "text": (
            "clientid connected_at created_at disconnected_at impl ip_address listener node peersni "
            "proto_name subscriptions_max username"
        ),
    },
    "/cluster/links": {
        "boolean": "enable",
        "list": "node_status topics",
        "number": "max_inflight pool_size ps_actor_incarnation",
        "object": "resource_opts ssl tcp_opts",
        "text": "clientid name node password retry_interval server status username",
    },
    "/cluster/topology": {
        "list": "replicant_nodes",
        "text": "core_node",
    },
    "/connectors": {
        "boolean": (
            "allow_auto_topic_creation auto_reconnect bridge_mode clean_start details "
            "disable_prepared_statements enable srv_record summary"
        ),
        "list": "actions node_status sources static_clientids tags",
        "map": "headers request",
        "map|text": "service_account_json",
        "number": (
            "acceptors enable_pipelining max_file_number max_inflight max_retries pipelining pool_size port"
        ),
        "object": (
            "parameters resource_opts s3_client socket_opts sql ssl tcp_opts topology transport_options"
        ),
        "object|text": "authentication proxy",
        "text": (
            "access_key access_key_id access_key_secret access_method account account_key "
            "account_name ack_mode ack_timeout auth_source aws_access_key_id aws_secret_access_key "
            "base_url bootstrap_hosts clientid_prefix cluster_public_key connect_timeout database "
            "dbname description driver dsn endpoint filepath grpc_timeout handshake_timeout "
            "health_check_topic heartbeat host instance_name iotdb_version keepalive keyspace "
            "listen max_file_size max_inactive metadata_request_timeout "
            "min_metadata_refresh_interval mode name namespace password pipe_user pool_type "
            "private_key private_key_password private_key_path proto_ver protocol_version "
            "reconnect_interval recv_timeout region request_timeout retry_interval role "
            "s3tables_arn secret_access_key secret_key security_token server servers service_name "
            "sid status status_reason storage_model_type timeout token ts_column ttl type uri url "
            "use_legacy_protocol username virtual_host zoneId"
        ),
    },
    "/data/files": {
        "number": "created_at_sec size",
        "text": "created_at filename node",
    },
    "/durable_queues": {
        "number|text": "created_at start_time",
        "text": "group id topic",
    },
    "/error_codes": {
        "text": "code description",
    },
    "/exhooks": {
        "boolean": "enable",
        "boolean|text": "auto_reconnect",
        "list": "hooks node_metrics node_status",
        "number": "pool_size",
        "object": "metrics socket_options ssl",
        "text": "failed_action name request_timeout url",
    },
    "/exhooks/{name}/hooks": {
        "list": "node_metrics",
        "map": "params",
        "object": "metrics",
        "text": "name",
    },
    "/gateways": {
        "list": "listeners node_status",
        "number": "current_connections max_connections",
        "text": "created_at name started_at status stopped_at",
    },
    "/gateways/{name}/authentication/users": {
        "boolean": "is_superuser",
        "text": "namespace user_id",
    },
    "/gateways/{name}/clients": {
        "boolean": "clean_start connected is_bridge",
        "number": (
            "awaiting_rel_cnt expiry_interval heap_size inflight_cnt keepalive lifetime mailbox_len "
            "mqueue_dropped mqueue_len port recv_cnt recv_msg recv_oct recv_pkt reductions send_cnt "
            "send_msg send_oct send_pkt subscriptions_cnt"
        ),
        "number|text": (
            "awaiting_rel_max connected_at created_at disconnected_at inflight_max mqueue_max "
            "subscriptions_max"
        ),
        "text": "clientid endpoint_name ip_address mountpoint node proto_name proto_ver username",
    },
    "/gateways/{name}/clients/{clientid}/subscriptions": {
        "boolean": "is_new",
        "number": "nl qos rap rh",
        "object": "sub_props",
        "text": "topic",
    },
    "/gateways/{name}/listeners": {
        "boolean": "enable enable_authn proxy_protocol running",
        "list": "access_rules node_status",
        "number": "acceptors max_conn_rate",
        "number|text": "bind max_connections",
        "object": "authentication dtls_options health_check ssl_options status tcp_options udp_options",
        "text": "id mountpoint name proxy_protocol_timeout type",
    },
    "/gateways/{name}/listeners/{id}/authentication/users": {
        "boolean": "is_superuser",
        "text": "user_id",
    },
    "/gcp_devices": {
        "list": "keys",
        "number": "created_at",
        "text": "config deviceid location project registry",
    },
    "/license/session_hwm_history": {
        "number": "high_watermark",
        "text": "observed_at period",
    },
    "/listeners": {
        "boolean": "enable",
        "list": "node_status",
        "number": "acceptors number",
        "object": "status",
        "text": "bind id name type",
    },
    "/listeners_status": {
        "boolean": "enable",
        "list": "ids node_status",
        "object": "status",
        "text": "type",
    },
    "/message_transformations": {
        "boolean": "enable",
        "list": "operations tags topics",
        "object": "log_failure payload_decoder payload_encoder",
        "text": "description failure_action name",
    },
    "/message_transformations/transformation/{name}": {
        "boolean": "enable",
        "list": "operations tags",
        "list|text": "topics",
        "object": "log_failure",
        "text": "description failure_action name payload_decoder payload_encoder",
    },
    "/metrics": {
        "number": (
            "actions.executed actions.failure actions.messages actions.success "
            "authentication.failure authentication.success authentication.success.anonymous "
            "authorization.allow authorization.cache_hit authorization.cache_miss "
            "authorization.deny authorization.matched.allow authorization.matched.deny "
            "authorization.nomatch authorization.superuser bytes.received bytes.sent "
            "client.auth.anonymous client.authenticate client.authorize client.check_authz "
            "client.connack client.connect client.connected client.disconnected client.post_authn "
            "client.subscribe client.unsubscribe delivery.dropped delivery.dropped.expired "
            "delivery.dropped.filter delivery.dropped.no_local delivery.dropped.qos0_msg "
            "delivery.dropped.queue_full delivery.dropped.too_large messages.acked messages.delayed "
            "messages.delivered messages.dropped messages.dropped.await_pubrel_timeout "
            "messages.dropped.no_subscribers messages.dropped.quota_exceeded "
            "messages.dropped.receive_maximum messages.forward messages.persisted messages.publish "
            "messages.qos0.received messages.qos0.sent messages.qos1.received messages.qos1.sent "
            "messages.qos2.received messages.qos2.sent messages.received messages.retained "
            "messages.sent messages.transformation_failed messages.transformation_succeeded "
            "messages.validation_failed messages.validation_succeeded overload_protection.delay.ok "
            "overload_protection.delay.timeout overload_protection.gc "
            "overload_protection.hibernation overload_protection.new_conn packets.auth.received "
            "packets.auth.sent packets.connack.auth_error packets.connack.error "
            "packets.connack.sent packets.connect.received packets.disconnect.received "
            "packets.disconnect.sent packets.pingreq.received packets.pingresp.sent "
            "packets.puback.inuse packets.puback.missed packets.puback.received packets.puback.sent "
            "packets.pubcomp.inuse packets.pubcomp.missed packets.pubcomp.received "
            "packets.pubcomp.sent packets.publish.auth_error packets.publish.dropped "
            "packets.publish.error packets.publish.inuse packets.publish.quota_exceeded "
            "packets.publish.received packets.publish.sent packets.pubrec.inuse "
            "packets.pubrec.missed packets.pubrec.received packets.pubrec.sent "
            "packets.pubrel.missed packets.pubrel.received packets.pubrel.sent packets.received "
            "packets.sent packets.suback.sent packets.subscribe.auth_error packets.subscribe.error "
            "packets.subscribe.received packets.unsuback.sent packets.unsubscribe.error "
            "packets.unsubscribe.received rules.matched session.created session.discarded "
            "session.disconnected session.resumed session.takenover session.terminated"
        ),
        "text": "node",
    },
    "/monitor": {
        "number": (
            "actions_executed actions_messages connections disconnected_durable_sessions dropped "
            "live_connections persisted received rules_matched sent subscriptions "
            "subscriptions_durable subscriptions_ram time_stamp topics transformation_failed "
            "transformation_succeeded validation_failed validation_succeeded"
        ),
    },
    "/monitor/nodes/{node}": {
        "number": (
            "actions_executed actions_messages connections disconnected_durable_sessions dropped "
            "live_connections persisted received rules_matched sent subscriptions "
            "subscriptions_durable time_stamp topics transformation_failed transformation_succeeded "
            "validation_failed validation_succeeded"
        ),
    },
    "/mqtt/auto_subscribe": {
        "number": "nl qos rap rh",
        "text": "topic",
    },
    "/mqtt/delayed/messages": {
        "number": "delayed_interval delayed_remaining qos",
        "number|text": "msgid",
        "text": "expected_at from_clientid from_username node payload publish_at topic",
    },
    "/mqtt/retainer/messages": {
        "number": "qos",
        "text": "from_clientid from_username msgid publish_at topic",
    },
    "/mqtt/topic_metrics": {
        "number|text": "create_time reset_time",
        "object": "metrics",
        "text": "topic",
    },
    "/mqtt/topic_rewrite": {
        "text": "action dest_topic re source_topic",
    },
    "/mt/managed_ns_list_details": {
        "number": "created_at",
        "object": "config",
        "text": "name",
    },
    "/mt/ns_list_details": {
        "number": "created_at",
        "text": "name",
    },
    "/nodes": {
        "number": (
            "cluster_sessions connections live_connections load1 load15 load5 max_fds "
            "process_available process_used uptime"
        ),
        "text": (
            "edition log_path memory_total memory_used node node_status otp_release role sys_path version"
        ),
    },
    "/plugins": {
        "boolean": "hidden with_config_schema",
        "list": "author authors functionality rel_apps running_status",
        "map": "compatibility",
        "object": "builder health_status",
        "text": (
            "built_on_otp_release date description emqx_plugrel_vsn git_commit_or_build_date "
            "git_ref md5sum metadata_vsn name readme rel_vsn repo"
        ),
    },
    "/prometheus/data_integration": {
        "number": (
            "emqx_rule_actions_discarded emqx_rule_actions_failed "
            "emqx_rule_actions_failed_out_of_service emqx_rule_actions_failed_unknown "
            "emqx_rule_actions_success emqx_rule_actions_total emqx_rule_enable emqx_rule_failed "
            "emqx_rule_failed_exception emqx_rule_failed_no_result emqx_rule_matched "
            "emqx_rule_passed"
        ),
        "text": "id node",
    },
    "/queues": {
        "boolean|text": "is_lastvalue",
        "number": (
            "busy_session_retry_interval consumer_max_inactive consumer_persistence_interval "
            "local_max_inflight ping_interval redispatch_interval stream_max_buffer_size "
            "stream_max_unacked"
        ),
        "number|text": "data_retention_period",
        "object": "limits",
        "text": "dispatch_strategy key_expression name topic_filter",
    },
    "/relup/status": {
        "list": "upgrade_history",
        "number": "live_connections",
        "text": "current_vsn node role status",
    },
    "/rule_events": {
        "list": "columns",
        "object": "description test_columns title",
        "text": "event sql_example",
    },
    "/rules": {
        "boolean": "enable",
        "list": "action_details actions from",
        "map": "metadata",
        "text": "created_at description id last_modified_at name namespace sql",
    },
    "/schema_registry": {
        "list": "node_status",
        "object": "parameters",
        "object|text": "source",
        "text": "description name status type",
    },
    "/schema_validations": {
        "boolean": "enable",
        "list": "checks tags topics",
        "object": "log_failure",
        "text": "description failure_action name strategy",
    },
    "/schema_validations/validation/{name}": {
        "boolean": "enable",
        "list": "checks tags",
        "list|text": "topics",
        "object": "log_failure",
        "text": "description failure_action name strategy",
    },
    "/slow_subscriptions": {
        "number": "last_update_time timespan",
        "text": "clientid node topic",
    },
    "/sources": {
        "any": "namespace",
        "boolean": "enable",
        "list": "node_status rules tags",
        "number": "created_at last_modified_at",
        "object": "parameters resource_opts",
        "text": "connector description error name status status_reason type",
    },
    "/sources_summary": {
        "any": "namespace",
        "boolean": "enable",
        "list": "node_status rules tags",
        "number": "created_at last_modified_at",
        "text": "description name status status_reason type",
    },
    "/sso": {
        "boolean": "enable force_mfa running",
        "text": "backend last_error",
    },
    "/stats": {
        "number": (
            "channels.count channels.max cluster_sessions.count cluster_sessions.max "
            "connections.count connections.max delayed.count delayed.max "
            "durable_subscriptions.count live_connections.count live_connections.max retained.count "
            "retained.max routes.count routes.max sessions.count sessions.max suboptions.count "
            "suboptions.max subscribers.count subscribers.max subscriptions.count subscriptions.max "
            "subscriptions.shared.count subscriptions.shared.max topics.count topics.max"
        ),
        "text": "node",
    },
    "/streams": {
        "boolean|text": "is_lastvalue",
        "number": "read_max_unacked",
        "number|text": "data_retention_period",
        "object": "limits",
        "text": "key_expression name topic_filter",
    },
    "/subscriptions": {
        "boolean": "durable",
        "number": "nl qos rap rh",
        "text": "clientid node topic",
    },
    "/topics": {
        "text": "node session topic",
    },
    "/topics/{topic}": {
        "text": "node session topic",
    },
    "/trace": {
        "list|object": "log_size",
        "number": "payload_limit",
        "number|text": "end_at start_at",
        "text": "clientid formatter ip_address name namespace payload_encode ruleid status topic type",
    },
    "/trace/{name}/log_detail": {
        "number": "mtime size",
        "text": "node",
    },
    "/users": {
        "list|text": "scopes",
        "text": "backend description mfa namespace role username",
    },
}

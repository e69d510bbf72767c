CREATE TABLE `_source_info` (
  `id` int(11) NOT NULL COMMENT 'source id',
  `n` bigint(20) NOT NULL DEFAULT 0 COMMENT ':int64:count',
  `_job_start_time` datetime(3) DEFAULT NULL,
  `_job_duration` float DEFAULT NULL,
  `_job_version` varchar(64) DEFAULT '',
  PRIMARY KEY (`id`),
  CONSTRAINT `_source_info_ibfk_1` FOREIGN KEY (`id`) REFERENCES `source` (`id`) ON UPDATE CASCADE
) ENGINE=InnoDB COMMENT='imported table'
